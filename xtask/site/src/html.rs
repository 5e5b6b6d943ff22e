//! `index.html` and the single file, from `web/index.html`, the styles and the loader.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::catalogue::{Catalogue, Still};
use crate::files::{Files, Kind};
use crate::options::Options;
use crate::{Outcome, read_text};

/// Scripts of the page itself, in order.
const SCRIPTS: [&str; 2] = ["web/unpack.js", "web/load.js"];
/// What starts the page, in order: a file of its own.
const BOOT: [&str; 2] = ["web/listen.js", "web/boot.js"];
/// Styles of the still picture, in order.
const STYLES: [&str; 2] = ["tokens", "still"];
/// Styles of all the rest, in order, which come as a file; those that are not there yet are left out.
const LATER_STYLES: [&str; 5] = ["theme", "base", "layout", "views", "lesson"];

/// Adds the styles that the still picture does not need.
pub fn styles(root: &Path, files: &mut Files) -> Outcome<()> {
    let text = read_styles(root, &LATER_STYLES)?;
    files.add("page.css", Kind::Page, text.into_bytes());
    Ok(())
}

/// Adds what starts the page, with the catalogue.
pub fn boot(root: &Path, catalogue: &Catalogue, files: &mut Files) -> Outcome<()> {
    let mut scripts = format!("lab.catalogue = {};\n", json!(catalogue));
    for path in BOOT {
        scripts += &read_text(&root.join(path))?;
    }
    files.add("boot.js", Kind::Page, without_comments(&scripts).into_bytes());
    Ok(())
}

fn read_styles(root: &Path, names: &[&str]) -> Outcome<String> {
    let mut styles = String::new();
    for name in names {
        let path = root.join(format!("web/style/{name}.css"));
        if path.is_file() {
            styles += &plain_style(&read_text(&path)?);
        }
    }
    Ok(styles)
}

/// A style sheet without comments and indentation.
fn plain_style(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("/*") {
        plain += before;
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain += rest;
    lines(&plain, |_| true)
}

/// A script without lines that are comments and without indentation; it has no text over several lines.
pub fn without_comments(text: &str) -> String {
    let in_block = |line: &str| line.starts_with("/*") || line.starts_with('*');
    lines(text, |line| !line.starts_with("//") && !in_block(line))
}

fn lines(text: &str, keep: impl Fn(&str) -> bool) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && keep(line)).fold(
        String::new(),
        |mut all, line| {
            all += line;
            all.push('\n');
            all
        },
    )
}

/// What both forms of the page are made of.
#[derive(Clone, Debug)]
pub struct Page {
    /// This build.
    pub build: String,
    template: String,
    scripts: String,
    styles: String,
    home: String,
    versions: String,
    catalogue: Catalogue,
}

impl Page {
    /// Reads the parts.
    pub fn new(options: &Options, files: &Files, catalogue: Catalogue) -> Outcome<Page> {
        let template = lines(&read_text(&options.root.join("web/index.html"))?, |_| true);
        let mut scripts = String::new();
        for path in SCRIPTS {
            scripts += &without_comments(&read_text(&options.root.join(path))?);
        }
        let styles = read_styles(&options.root, &STYLES)?;
        let template = fill_still(&template, &catalogue.still);
        let build = files.build(&[&template, &scripts, &styles]);
        let (home, versions) = (options.home.clone(), options.versions.clone());
        Ok(Page { build, template, scripts, styles, home, versions, catalogue })
    }

    /// Name and title of a scenario or lesson; of the first scenario for no name.
    pub fn entry(&self, name: &str) -> Outcome<(String, String)> {
        let scenarios = self.catalogue.scenarios.iter().map(|s| (&s.name, &s.title));
        let lessons = self.catalogue.lessons.iter().map(|l| (&l.name, &l.title));
        let mut all = scenarios.chain(lessons);
        let found = all.find(|(known, _)| name.is_empty() || *known == name);
        found
            .map(|(name, title)| (name.clone(), title.clone()))
            .ok_or(format!("`{name}`: no such scenario or lesson in this site"))
    }

    /// The page that fetches its files.
    pub fn index(&self, files: &Files) -> String {
        self.fill(self.site(files), "")
    }

    /// The page that holds its files.
    pub fn single(&self, files: &Files) -> String {
        let packed = files.iter().map(|(name, file)| (name.into(), STANDARD.encode(&file.packed).into()));
        let inlined = Value::Object(packed.collect::<Map<_, _>>());
        let script = format!("<script type=\"application/json\" id=\"files\">{inlined}</script>\n");
        self.fill(self.site(files), &script)
    }

    /// The build, and every file's hash and size.
    pub fn manifest(&self, files: &Files) -> String {
        let list = files.iter().map(|(name, file)| {
            let entry = json!({ "hash": file.hash, "bytes": file.plain.len(), "sent": file.packed.len() });
            (name.to_string(), entry)
        });
        let list = Value::Object(list.collect::<Map<_, _>>());
        let manifest = json!({ "build": self.build, "files": list, "catalogue": self.catalogue });
        format!("{manifest:#}\n")
    }

    /// What the loader needs to know: the build, and each file's size and hash.
    fn site(&self, files: &Files) -> Value {
        let list =
            files.iter().map(|(name, file)| (name.into(), json!([file.plain.len(), file.hash.get(..8)])));
        json!({
            "build": self.build, "home": self.home, "versions": self.versions,
            "files": Value::Object(list.collect::<Map<_, _>>()),
        })
    }

    fn fill(&self, site: Value, inlined: &str) -> String {
        let site = safe(&site.to_string());
        let head = format!("<style>\n{}</style>", self.styles);
        let body = format!(
            "<script type=\"application/json\" id=\"site\">{site}</script>\n{inlined}<script>\n{}</script>",
            self.scripts
        );
        self.template.replace("<!-- styles -->", &head).replace("<!-- scripts -->", &body)
    }
}

/// Puts the scenario's words into the still picture: `{{story.0}}`, `{{side.1.title}}`.
fn fill_still(template: &str, still: &Still) -> String {
    let mut text = template.to_string();
    for i in 0..3 {
        let story = still.story.get(i).map_or("", String::as_str);
        let (title, subtitle) = still.sides.get(i).cloned().unwrap_or_default();
        text = text.replace(&format!("{{{{story.{i}}}}}"), &escape(story));
        text = text.replace(&format!("{{{{side.{i}.title}}}}"), &escape(&title));
        text = text.replace(&format!("{{{{side.{i}.subtitle}}}}"), &escape(&subtitle));
    }
    text
}

/// JSON that ends no script element.
fn safe(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// Text as markup shows it.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_scenario_become_text_never_markup() {
        let still = Still { story: vec!["a <b> & c".into()], sides: vec![("T\"".into(), String::new())] };
        assert_eq!(
            fill_still("{{story.0}}|{{story.1}}|{{side.0.title}}", &still),
            "a &lt;b&gt; &amp; c||T&quot;"
        );
    }

    #[test]
    fn json_ends_no_script() {
        assert_eq!(safe(r#"{"a":"</script>"}"#), r#"{"a":"\u003c/script>"}"#);
    }
}
