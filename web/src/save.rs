//! What leaves the page by the reader's hand: files, the clipboard, saved settings.

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Storage, Url};

use crate::host::get;

/// Saves bytes as a file of the reader's.
pub fn download(name: &str, bytes: &[u8]) {
    // Without a document, or where a sandbox forbids downloads, nothing is saved: the browser says so.
    let _ = try_download(name, bytes);
}

fn try_download(name: &str, bytes: &[u8]) -> Option<()> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let bag = BlobPropertyBag::new();
    bag.set_type("application/octet-stream");
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &bag).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let document = web_sys::window()?.document()?;
    let anchor: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&url).ok()
}

/// Opens a side's trace in Perfetto's page, another origin, in a tab of its own; false when the browser opens none.
pub fn perfetto(side: usize, title: &str) -> bool {
    let lab = get(&js_sys::global(), "lab");
    let Ok(function) = get(&lab, "perfetto").dyn_into::<Function>() else { return false };
    function.call2(&lab, &side.into(), &title.into()).is_ok_and(|opened| opened.is_truthy())
}

/// Saves what is shown as a picture: `svg` or `png`.
pub fn picture(kind: &str) {
    let lab = get(&js_sys::global(), "lab");
    if let Ok(function) = get(&lab, "picture").dyn_into::<Function>() {
        // The loader says what goes wrong.
        let _ = function.call1(&lab, &kind.into());
    }
}

/// Copies a text; false when the browser does not let it.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let clipboard =
        js_sys::Reflect::get(&window.navigator(), &"clipboard".into()).unwrap_or(JsValue::UNDEFINED);
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}

/// A saved setting; none where storage is refused.
pub fn recall(key: &str) -> Option<String> {
    storage()?.get_item(&named(key)).ok()?
}

/// Saves a setting; lost where storage is refused.
pub fn keep(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden storage loses the setting and nothing else.
        let _ = storage.set_item(&named(key), value);
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn named(key: &str) -> String {
    format!("exitless.{key}")
}
