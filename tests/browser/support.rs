//! A page that a test can do with as it likes, and that is as before when the test is over.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use gloo_timers::future::TimeoutFuture;
pub(crate) use indee_admin_sso::browser::clock::parse_date;
pub(crate) use indee_admin_sso::browser::json::BrowserJson as TestJson;
use indee_admin_sso::browser::sign_out_mark::SIGN_OUT_MARK_KEY;
pub(crate) use indee_admin_sso::browser::url::BrowserUrls as TestUrls;
use indee_admin_sso::domain::pending::{EMAIL_KEY, PENDING_KEY};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlElement, Request, Response, Window};

#[path = "../rules/samples.rs"]
mod samples;
pub(crate) use samples::*;

pub(crate) fn window() -> Window {
    web_sys::window().unwrap()
}

pub(crate) fn document() -> Document {
    window().document().unwrap()
}

/// The page as it was before the test: the URL, the storage, the settings and `fetch` are put back on drop.
pub(crate) struct Page {
    url: String,
    fetch: JsValue,
}

impl Page {
    pub(crate) fn new() -> Self {
        // A test that failed has cleaned up nothing: wasm does not unwind.
        clear_storage();
        clear_settings();
        while let Some(root) = find(".test-root") {
            root.remove();
        }
        Self { url: window().location().href().unwrap(), fetch: Reflect::get(&window(), &"fetch".into()).unwrap() }
    }

    /// A page at another path of this origin.
    pub(crate) fn at(path_and_query: &str) -> Self {
        let page = Self::new();
        visit(path_and_query);
        page
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        visit(&self.url);
        clear_storage();
        Reflect::set(&window(), &"fetch".into(), &self.fetch).unwrap();
        clear_settings();
    }
}

fn clear_settings() {
    for name in ["indee-api-base", "indee-api-key"] {
        set_meta(name, None);
    }
}

fn clear_storage() {
    let storage = window().session_storage().unwrap().unwrap();
    for key in [PENDING_KEY, EMAIL_KEY] {
        storage.remove_item(key).unwrap();
    }
    window().local_storage().unwrap().unwrap().remove_item(SIGN_OUT_MARK_KEY).unwrap();
}

/// What another tab leaves behind that signed out, if this page does not hear its message.
pub(crate) fn sign_out_elsewhere_unheard() {
    window().local_storage().unwrap().unwrap().set_item(SIGN_OUT_MARK_KEY, "another").unwrap();
}

pub(crate) fn visit(url: &str) {
    window().history().unwrap().replace_state_with_url(&JsValue::NULL, "", Some(url)).unwrap();
}

/// The address, from the path on.
pub(crate) fn address() -> String {
    let location = window().location();
    location.pathname().unwrap() + &location.search().unwrap() + &location.hash().unwrap()
}

pub(crate) fn stored(key: &str) -> Option<String> {
    window().session_storage().unwrap().unwrap().get_item(key).unwrap()
}

pub(crate) fn store(key: &str, value: &str) {
    window().session_storage().unwrap().unwrap().set_item(key, value).unwrap();
}

/// Sets a `<meta>` element, or removes it.
pub(crate) fn set_meta(name: &str, content: Option<&str>) {
    let document = document();
    if let Some(old) = document.query_selector(&format!("meta[name='{name}']")).unwrap() {
        old.remove();
    }
    if let Some(content) = content {
        let meta = document.create_element("meta").unwrap();
        meta.set_attribute("name", name).unwrap();
        meta.set_attribute("content", content).unwrap();
        document.head().unwrap().append_child(&meta).unwrap();
    }
}

/// Waits until something is so; fails after five seconds.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..250 {
        if is_so() {
            return;
        }
        pause(Duration::from_millis(20)).await;
    }
    panic!("never happened: {what}; the page says: {}", document().body().unwrap().inner_text());
}

pub(crate) async fn pause(duration: Duration) {
    TimeoutFuture::new(u32::try_from(duration.as_millis()).unwrap()).await;
}

/// A request that the app sent through the stand-in for `fetch`.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) request: Request,
    pub(crate) options: JsValue,
    pub(crate) body: String,
}

/// What the app sends, in order.
pub(crate) type Log = Rc<RefCell<Vec<Sent>>>;

/// Puts a stand-in for `fetch` in place. It answers each request with what `answer` makes of it, given the number of the
/// request, from 0. An aborted request is rejected, as the browser does.
pub(crate) fn stand_in_for_fetch(answer: impl Fn(usize) -> Promise + 'static) -> Log {
    stand_in_for_api(move |_, number| answer(number))
}

/// The same, with answers that depend on the path and on the number of the request among those for this path.
pub(crate) fn stand_in_for_api(answer: impl Fn(&str, usize) -> Promise + 'static) -> Log {
    let log: Log = Rc::default();
    let fetch = Closure::<dyn Fn(String, web_sys::RequestInit) -> Promise>::new({
        let log = log.clone();
        move |url: String, options: web_sys::RequestInit| {
            let request = Request::new_with_str_and_init(&url, &options).unwrap();
            let path = path_of(&request);
            let number = log.borrow().len();
            let number_for_path = log.borrow().iter().filter(|sent| path_of(&sent.request) == path).count();
            let body = request.clone().unwrap().text().unwrap();
            let signal = request.signal();
            log.borrow_mut().push(Sent { request, options: options.into(), body: String::new() });
            let log = log.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let text = wasm_bindgen_futures::JsFuture::from(body).await.unwrap();
                log.borrow_mut()[number].body = text.as_string().unwrap();
            });
            let aborted = Promise::new(&mut |_, reject| {
                let reject = Closure::once_into_js(move || reject.call1(&JsValue::NULL, &"aborted".into()).unwrap());
                signal.add_event_listener_with_callback("abort", reject.unchecked_ref::<Function>()).unwrap();
            });
            Promise::race(&js_sys::Array::of2(&aborted, &answer(&path, number_for_path)))
        }
    });
    Reflect::set(&window(), &"fetch".into(), &fetch.into_js_value()).unwrap();
    log
}

/// The path of a request, without its query.
pub(crate) fn path_of(request: &Request) -> String {
    web_sys::Url::new(&request.url()).unwrap().pathname()
}

/// What was sent to a path, in order.
pub(crate) fn sent_to(log: &Log, path: &str) -> Vec<Sent> {
    log.borrow().iter().filter(|sent| path_of(&sent.request) == path).cloned().collect()
}

/// An answer that never comes.
pub(crate) fn never() -> Promise {
    Promise::new(&mut |_, _| {})
}

/// An answer that comes as soon as `release` is called.
#[derive(Clone)]
pub(crate) struct Held {
    answer: Promise,
    resolve: Rc<RefCell<Option<Function>>>,
}

impl Held {
    pub(crate) fn new() -> Self {
        let resolve = Rc::new(RefCell::new(None));
        let answer = Promise::new(&mut |function, _| *resolve.borrow_mut() = Some(function));
        Self { answer, resolve }
    }

    pub(crate) fn promise(&self) -> Promise {
        self.answer.clone()
    }

    pub(crate) fn release(&self, answer: &Promise) {
        self.resolve.borrow().as_ref().unwrap().call1(&JsValue::NULL, answer).unwrap();
    }
}

/// No answer: the network is down.
pub(crate) fn network_down() -> Promise {
    Promise::reject(&js_sys::TypeError::new("Failed to fetch"))
}

/// A JSON answer.
pub(crate) fn answer(status: u16, body: &str) -> Promise {
    let init = web_sys::ResponseInit::new();
    init.set_status(status);
    Promise::resolve(&JsValue::from(Response::new_with_opt_str_and_init(Some(body), &init).unwrap()))
}

/// A property of `window` that is replaced until this is dropped.
pub(crate) struct Replaced {
    name: &'static str,
}

impl Replaced {
    /// Reading the property throws, as that of a blocked storage does.
    pub(crate) fn throws(name: &'static str) -> Self {
        let descriptor = Object::new();
        let getter = Function::new_no_args("throw new DOMException('blocked', 'SecurityError')");
        Reflect::set(&descriptor, &"get".into(), &getter).unwrap();
        Self::define(name, &descriptor)
    }

    /// The property has another value.
    pub(crate) fn with(name: &'static str, value: &JsValue) -> Self {
        let descriptor = Object::new();
        Reflect::set(&descriptor, &"value".into(), value).unwrap();
        Self::define(name, &descriptor)
    }

    fn define(name: &'static str, descriptor: &Object) -> Self {
        Reflect::set(descriptor, &"configurable".into(), &JsValue::TRUE).unwrap();
        // sessionStorage is an accessor on the prototype of window or on window itself; an own property hides the first and
        // replaces the second, so the original is kept.
        let original = Object::get_own_property_descriptor(&window(), &name.into());
        Reflect::set(&window(), &format!("original {name}").into(), &original).unwrap();
        Object::define_property(&window(), &name.into(), descriptor);
        Self { name }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        let kept = format!("original {}", self.name);
        let original = Reflect::get(&window(), &kept.as_str().into()).unwrap();
        Reflect::delete_property(&window(), &self.name.into()).unwrap();
        if original.is_object() {
            Object::define_property(&window(), &self.name.into(), original.unchecked_ref());
        }
        Reflect::delete_property(&window(), &kept.into()).unwrap();
    }
}

/// The page's wall clock, ahead of the real one until this is dropped.
pub(crate) struct ClockAhead(JsValue);

impl ClockAhead {
    pub(crate) fn by(duration: Duration) -> Self {
        let script = "const now = Date.now; Date.now = () => now() + by; return now;";
        let by = JsValue::from_f64(duration.as_secs_f64() * 1_000.0);
        Self(Function::new_with_args("by", script).call1(&JsValue::NULL, &by).unwrap())
    }
}

impl Drop for ClockAhead {
    fn drop(&mut self) {
        Function::new_with_args("now", "Date.now = now;").call1(&JsValue::NULL, &self.0).unwrap();
    }
}

/// Timers that fire a hundred times as soon, until this is dropped.
pub(crate) fn fast_timers() -> Replaced {
    let script = "const real = window.setTimeout; return (then, ms) => real(then, ms / 100);";
    Replaced::with("setTimeout", &Function::new_no_args(script).call0(&JsValue::NULL).unwrap())
}

/// The one element that matches.
pub(crate) fn the(selector: &str) -> HtmlElement {
    find(selector).unwrap_or_else(|| panic!("no {selector} in: {}", document().body().unwrap().inner_html()))
}

pub(crate) fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).unwrap().map(JsCast::unchecked_into)
}

/// The button with this accessible name.
pub(crate) fn button(name: &str) -> Option<HtmlElement> {
    let buttons = document().query_selector_all("button").unwrap();
    (0..buttons.length())
        .filter_map(|index| buttons.item(index).map(JsCast::unchecked_into::<HtmlElement>))
        .find(|button| button.inner_text().trim() == name)
}

/// Has the element the focus?
pub(crate) fn has_focus(element: &Element) -> bool {
    document().active_element().as_ref() == Some(element)
}
