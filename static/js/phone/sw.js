// The service worker: keeps the shell on the phone. /sw.js puts VERSION, PAGES and FILES before it.
