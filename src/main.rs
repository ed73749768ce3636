//! Boot: settle the callback, then show what becomes of it.

#[cfg(target_arch = "wasm32")]
fn main() {
    use indee_admin_sso::auth::{call, complete::complete};
    use indee_admin_sso::browser::panic;
    use indee_admin_sso::ui::app::{Root, RootProps, arrive};

    panic::install_hook();
    let config = call::load_config();
    // The login request leaves in here, before the user interface is mounted (contract §4.9).
    let completion = complete(&config);
    arrive(completion.as_ref());
    leptos::mount::mount_to_body(move || Root(RootProps { config, completion }));
}

/// The app runs in a browser only; this lets the workspace be built and tested on a developer's machine.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser: `cargo xtask dev` starts it there.");
}
