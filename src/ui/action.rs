//! Something that a person can do: a button, and what pressing it does.

use leptos::prelude::*;

/// A button.
pub struct Action {
    name: &'static str,
    weight: Weight,
    run: Box<dyn FnMut()>,
}

/// How much a button asks to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Primary,
    Secondary,
}

impl Action {
    /// What a person most likely wants.
    pub fn primary(name: &'static str, run: impl FnMut() + 'static) -> Self {
        Self { name, weight: Weight::Primary, run: Box::new(run) }
    }

    /// Another way on.
    pub fn secondary(name: &'static str, run: impl FnMut() + 'static) -> Self {
        Self { name, weight: Weight::Secondary, run: Box::new(run) }
    }
}

/// The buttons of a page or of a notice.
pub fn actions(actions: Vec<Action>) -> impl IntoView {
    let buttons = actions.into_iter().map(|Action { name, weight, mut run }| {
        let class = match weight {
            Weight::Primary => "primary",
            Weight::Secondary => "secondary",
        };
        view! { <button type="button" class=class on:click=move |_| run()>{name}</button> }
    });
    view! { <div class="actions">{buttons.collect_view()}</div> }
}
