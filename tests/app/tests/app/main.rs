//! What the app does, seen from outside: in a browser, and by what its servers get.

mod accessibility;
mod callback_faults;
mod callbacks;
mod configuration;
mod every_page;
mod happy_path;
mod history;
mod initiate_faults;
mod keyboard;
mod login_faults;
mod nginx;
mod proxy;
mod refused_by_the_browser;
mod return_to;
mod session;
mod sign_out;
mod starting;
mod support;
mod tabs;
mod waiting;
