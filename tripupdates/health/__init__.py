"""Whether the school's computer does its work: what machines ask, and what the office hears when something is wrong."""
