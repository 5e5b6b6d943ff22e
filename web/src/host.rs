//! What the loader (`boot.js`) gives the page: the build, the catalogue, files and the worker.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A scenario that the site has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Its name in links.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its file.
    pub file: String,
    /// The images that it names: name, file, hash.
    pub images: Vec<(String, String, String)>,
}

/// A lesson that the site has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LessonOffer {
    /// Its name in links.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The scenario that it is about.
    pub scenario: String,
    /// Minutes that it takes.
    pub minutes: u16,
    /// Whether it belongs to the short path, one lecture.
    pub short: bool,
}

/// What the site has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// This build's hash.
    pub build: String,
    /// Where the full page lives; empty: here.
    pub home: String,
    /// Where another build lives, `{build}` in it stands for its hash; empty: nowhere.
    pub versions: String,
    /// Scenarios, the first is shown when a link names none.
    pub scenarios: Vec<Offer>,
    /// Lessons, in the course's order.
    pub lessons: Vec<LessonOffer>,
}

impl Site {
    /// What the loader says; empty without a loader.
    pub fn read() -> Site {
        let lab = lab();
        let catalogue = get(&lab, "catalogue");
        Site {
            build: text(&lab, "build"),
            home: text(&lab, "home"),
            versions: text(&lab, "versions"),
            scenarios: list(&catalogue, "scenarios").map(|entry| offer(&entry)).collect(),
            lessons: list(&catalogue, "lessons").map(|entry| lesson_offer(&entry)).collect(),
        }
    }

    /// The scenario that the lesson of that name is about.
    pub fn of_lesson(&self, name: &str) -> Option<&str> {
        self.lessons.iter().find(|lesson| lesson.name == name).map(|lesson| lesson.scenario.as_str())
    }

    /// The scenario of that name, or the first one for no name.
    pub fn scenario(&self, name: &str) -> Option<&Offer> {
        if name.is_empty() { self.scenarios.first() } else { self.scenarios.iter().find(|o| o.name == name) }
    }
}

fn lesson_offer(entry: &JsValue) -> LessonOffer {
    LessonOffer {
        name: text(entry, "name"),
        title: text(entry, "title"),
        scenario: text(entry, "scenario"),
        minutes: get(entry, "minutes").as_f64().unwrap_or_default() as u16,
        short: get(entry, "short").is_truthy(),
    }
}

fn offer(entry: &JsValue) -> Offer {
    let image = |entry: JsValue| (text(&entry, "name"), text(&entry, "file"), text(&entry, "hash"));
    Offer {
        name: text(entry, "name"),
        title: text(entry, "title"),
        file: text(entry, "file"),
        images: list(entry, "images").map(image).collect(),
    }
}

/// The bytes of one of the site's files, or what went wrong. It is on its way from this call on, not
/// only when it is waited for.
pub fn asset(file: &str) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
    let lab = lab();
    let function: Result<Function, _> = get(&lab, "asset").dyn_into().map_err(|_| file.to_string());
    let promise = function.and_then(|f| f.call1(&lab, &file.into()).map_err(|e| reason(&e)));
    async move {
        let bytes = JsFuture::from(Promise::resolve(&promise?)).await.map_err(|e| reason(&e))?;
        Ok(Uint8Array::new(&bytes).to_vec())
    }
}

/// A new worker, or what went wrong.
pub fn worker() -> Result<web_sys::Worker, String> {
    let lab = lab();
    let function: Function = get(&lab, "worker").dyn_into().map_err(|_| String::from("boot.js"))?;
    let worker = function.call0(&lab).map_err(|e| reason(&e))?;
    worker.dyn_into().map_err(|_| String::from("Worker"))
}

/// Gives a lesson that the reader brought to what plays lessons.
pub fn lesson(name: &str, lesson: &[u8]) {
    if let Ok(function) = get(&lab(), "lesson").dyn_into::<Function>() {
        // What is wrong with the lesson is said in its place.
        let _ = function.call2(&lab(), &name.into(), &String::from_utf8_lossy(lesson).as_ref().into());
    }
}

/// The page goes by this link now; a lesson in it is played.
pub fn played(fragment: &str) {
    if let Ok(function) = get(&lab(), "played").dyn_into::<Function>() {
        // What is wrong with the lesson is said in its place.
        let _ = function.call1(&lab(), &fragment.into());
    }
}

/// Makes workers from now on such that leave nothing out, or says what went wrong.
pub async fn whole() -> Result<(), String> {
    let lab = lab();
    let function: Function = get(&lab, "whole").dyn_into().map_err(|_| String::from("boot.js"))?;
    let promise = function.call0(&lab).map_err(|e| reason(&e))?;
    JsFuture::from(Promise::resolve(&promise)).await.map(|_| ()).map_err(|e| reason(&e))
}

/// What a JavaScript exception says.
pub fn reason(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|m| m.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| String::from("?"))
}

/// A property, `undefined` when there is none.
pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A property that is a text, else empty.
pub fn text(object: &JsValue, key: &str) -> String {
    get(object, key).as_string().unwrap_or_default()
}

/// A property that is a list, else nothing.
pub fn list(object: &JsValue, key: &str) -> impl Iterator<Item = JsValue> + use<> {
    get(object, key).dyn_into::<Array>().unwrap_or_default().to_vec().into_iter()
}

/// An object of these properties.
pub fn object(entries: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in entries {
        // An own, new, extensible object takes every property.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object
}

fn lab() -> JsValue {
    get(&js_sys::global(), "lab")
}
