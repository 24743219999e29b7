"""Work on what strangers sent, in a process that nobody minds losing: `keeper` outside, `child` inside."""
