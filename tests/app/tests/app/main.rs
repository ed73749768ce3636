//! What the app does, seen from outside: in a browser, and by what its servers get.

mod happy_path;
