//! The whole app as built for release, in real Chromium over WebDriver, against the sandbox over loopback.
//!
//! The tests are in `tests/app/`; this library is what they stand on. `cargo xtask test app` builds the app and says where
//! it, the browser and nginx are: `APP_DIST`, `CHROMEDRIVER`, `CHROMIUM`, `NGINX`. With `APP_SCREENSHOTS=<directory>` the tests save
//! pictures of the pages there.
//!
//! # Layout
//!
//! - [`stand`]: the servers and the browser of one test; `site`: the app's own server, and the record of what it is asked;
//!   [`nginx`]: a real nginx in its place; `tls`: certificates; [`headers`]: what the build says of headers
//! - [`browser`]: a browser session: reading, waiting, pressing; [`tree`]: a page as assistive technology reads it;
//!   `driver`: the ChromeDriver process; `photographs`: pictures for people
//! - [`pages`]: the pages, by role and accessible name (contract §6)
//! - [`leftovers`]: the search for secrets that should be gone

pub mod browser;
mod driver;
pub mod headers;
pub mod leftovers;
pub mod nginx;
pub mod pages;
mod photographs;
mod site;
pub mod stand;
mod tls;
pub mod tree;
