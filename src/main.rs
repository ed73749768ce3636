//! Boot: settle the callback, then show what becomes of it.

/// A page asks for little memory, so the simplest list of what is free serves it as well as the standard library's
/// allocator, which every user would download.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// What `src/start.js` calls as soon as the app is there, with what the boot step has to hand over.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn start(handed_over: &wasm_bindgen::JsValue) {
    use indee_admin_sso::auth::call;
    use indee_admin_sso::auth::complete::Callback;
    use indee_admin_sso::browser::panic;
    use indee_admin_sso::ui::app::{arrive, mount};

    panic::install_hook();
    let config = call::load_config();
    // If the boot step could not run, the page has scrubbed the URL, and the login request leaves in here, before anything is
    // mounted (contract §4.9).
    let callback = match handed_over.as_string() {
        Some(query) => Some(Callback::take_scrubbed(query, &config)),
        None => Callback::handed_over(handed_over),
    };
    let completion = callback.map(|callback| callback.complete(&config));
    arrive(completion.as_ref());
    mount(config, completion);
}

/// What `src/start.js` calls if `start` throws: an exception of the browser is no panic, and leaves behind what has begun.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn stop() {
    indee_admin_sso::browser::panic::stop();
}

/// Nothing happens by itself: the page calls `start`.
#[cfg(target_arch = "wasm32")]
fn main() {}

/// The app runs in a browser only; this lets the workspace be built and tested on a developer's machine.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser: `cargo xtask dev` starts it there.");
}
