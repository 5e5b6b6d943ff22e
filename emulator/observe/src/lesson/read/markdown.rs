//! Markdown to [`Text`].

use std::iter::Peekable;
use std::ops::Range;

use lesson_data::{Block, Span, Text};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd};

use super::place::Wrong;

/// The events of a text.
pub struct Events<'a> {
    source: &'a str,
    base: usize,
    inner: Peekable<OffsetIter<'a>>,
}

/// What a step is made of, before anyone looks into it.
pub enum Piece {
    /// Front matter.
    Front(Range<usize>),
    /// A heading of the second level.
    Step(String),
    /// A fenced block with its word.
    Fence(String, Range<usize>),
    /// Anything else.
    Block(Block),
}

type Result<T> = std::result::Result<T, Wrong>;

impl<'a> Events<'a> {
    /// The events of `text`, which begins at `base` of `source`.
    pub fn new(source: &'a str, text: &'a str, base: usize) -> Events<'a> {
        let options = Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS | Options::ENABLE_TABLES;
        Events { source, base, inner: Parser::new_ext(text, options).into_offset_iter().peekable() }
    }

    fn wrong(&self, at: &Range<usize>, text: &str) -> Wrong {
        Wrong::at(self.source, self.base + at.start, text)
    }

    fn next(&mut self) -> Option<(Event<'a>, Range<usize>)> {
        self.inner.next()
    }

    /// The next piece at the top.
    pub fn piece(&mut self) -> Result<Option<Piece>> {
        let Some((event, at)) = self.next() else { return Ok(None) };
        let piece = match event {
            Event::Start(Tag::MetadataBlock(_)) => Piece::Front(self.content(&at)),
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                Piece::Step(plain(&self.spans(TagEnd::Heading(HeadingLevel::H2))?))
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(word))) if !word.trim().is_empty() => {
                Piece::Fence(word.trim().to_string(), self.content(&at))
            }
            event => Piece::Block(self.block(event, &at)?),
        };
        Ok(Some(piece))
    }

    /// Every block up to the end: a text within a text.
    pub fn all(&mut self) -> Result<Text> {
        let mut text = Text::new();
        while let Some((event, at)) = self.next() {
            text.push(self.block(event, &at)?);
        }
        Ok(text)
    }

    /// The range of a block's lines, without its fences.
    fn content(&mut self, whole: &Range<usize>) -> Range<usize> {
        let mut found: Option<Range<usize>> = None;
        while let Some((event, at)) = self.next() {
            match event {
                Event::End(TagEnd::CodeBlock | TagEnd::MetadataBlock(_)) => break,
                _ => {
                    let start = found.as_ref().map_or(at.start, |f| f.start);
                    found = Some(start..at.end);
                }
            }
        }
        let found = found.unwrap_or(whole.end..whole.end);
        self.base + found.start..self.base + found.end
    }

    fn block(&mut self, event: Event<'a>, at: &Range<usize>) -> Result<Block> {
        Ok(match event {
            Event::Start(Tag::Paragraph) => Block::Paragraph(self.spans(TagEnd::Paragraph)?),
            Event::Start(Tag::Heading { level, .. }) if level >= HeadingLevel::H3 => {
                Block::Heading(self.spans(TagEnd::Heading(level))?)
            }
            Event::Start(Tag::List(first)) => Block::List(first.is_some(), self.items()?),
            Event::Start(Tag::CodeBlock(_)) => self.code(),
            Event::Start(Tag::BlockQuote(kind)) => Block::Quote(self.until(TagEnd::BlockQuote(kind))?),
            Event::Start(Tag::Table(_)) => self.table()?,
            Event::Start(Tag::Heading { .. }) => {
                return Err(self.wrong(at, "a heading of the first level; the title stands in the front matter, a step begins with `##`"));
            }
            _ => return Err(self.wrong(at, "a lesson does not know this kind of Markdown; expected paragraphs, lists, tables, quotations or code")),
        })
    }

    fn code(&mut self) -> Block {
        let mut code = String::new();
        while let Some((event, _)) = self.next() {
            match event {
                Event::Text(text) => code.push_str(&text),
                _ => break,
            }
        }
        Block::Code(code)
    }

    fn until(&mut self, end: TagEnd) -> Result<Text> {
        let mut text = Text::new();
        while let Some((event, at)) = self.next() {
            match event {
                Event::End(found) if found == end => break,
                event => text.push(self.block(event, &at)?),
            }
        }
        Ok(text)
    }

    fn items(&mut self) -> Result<Vec<Text>> {
        let mut items = Vec::new();
        while let Some((event, _)) = self.next() {
            match event {
                Event::Start(Tag::Item) => items.push(self.item()?),
                _ => break,
            }
        }
        Ok(items)
    }

    /// An item of a tight list has words without a paragraph.
    fn item(&mut self) -> Result<Text> {
        let mut text = Text::new();
        let mut words: Vec<Span> = Vec::new();
        while let Some((event, at)) = self.next() {
            match event {
                Event::End(TagEnd::Item) => break,
                event if is_inline(&event) => self.span(event, &at, &mut words)?,
                event => {
                    flush(&mut words, &mut text);
                    text.push(self.block(event, &at)?);
                }
            }
        }
        flush(&mut words, &mut text);
        Ok(text)
    }

    fn table(&mut self) -> Result<Block> {
        let (mut head, mut rows, mut row) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((event, at)) = self.next() {
            match event {
                Event::Start(Tag::TableCell) => row.push(self.spans(TagEnd::TableCell)?),
                Event::End(TagEnd::TableHead) => head = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                Event::End(TagEnd::Table) => break,
                Event::Start(_) => {}
                _ => return Err(self.wrong(&at, "expected a cell of a table")),
            }
        }
        Ok(Block::Table(head, rows))
    }

    fn spans(&mut self, end: TagEnd) -> Result<Vec<Span>> {
        let mut spans = Vec::new();
        while let Some((event, at)) = self.next() {
            match event {
                Event::End(found) if found == end => break,
                event => self.span(event, &at, &mut spans)?,
            }
        }
        Ok(figures(spans))
    }

    fn span(&mut self, event: Event<'a>, at: &Range<usize>, spans: &mut Vec<Span>) -> Result<()> {
        let span = match event {
            Event::Text(text) => Span::Words(text.to_string()),
            Event::SoftBreak | Event::HardBreak => Span::Words(" ".to_string()),
            Event::Code(code) => Span::Code(code.to_string()),
            Event::Start(Tag::Emphasis) => Span::Emphasis(plain(&self.spans(TagEnd::Emphasis)?)),
            Event::Start(Tag::Strong) => Span::Strong(plain(&self.spans(TagEnd::Strong)?)),
            Event::Start(Tag::Link { dest_url, .. }) => {
                Span::Link(plain(&self.spans(TagEnd::Link)?), dest_url.to_string())
            }
            _ => return Err(self.wrong(at, "a lesson does not know this kind of Markdown; expected words, *emphasis*, **strength**, `code` or a link")),
        };
        match (spans.last_mut(), span) {
            (Some(Span::Words(words)), Span::Words(more)) => words.push_str(&more),
            (_, span) => spans.push(span),
        }
        Ok(())
    }
}

fn is_inline(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Text(_)
            | Event::Code(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Start(Tag::Emphasis | Tag::Strong | Tag::Link { .. })
    )
}

fn flush(words: &mut Vec<Span>, text: &mut Text) {
    if !words.is_empty() {
        text.push(Block::Paragraph(figures(std::mem::take(words))));
    }
}

/// The words of spans.
fn plain(spans: &[Span]) -> String {
    let words = |span: &Span| match span {
        Span::Words(w) | Span::Emphasis(w) | Span::Strong(w) | Span::Code(w) | Span::Link(w, _) => w.clone(),
        Span::Figure(name) => format!("{{{name}}}"),
    };
    spans.iter().map(words).collect()
}

/// `{name}` in words is a figure.
fn figures(spans: Vec<Span>) -> Vec<Span> {
    spans
        .into_iter()
        .flat_map(|span| if let Span::Words(words) = span { split(&words) } else { vec![span] })
        .collect()
}

fn split(words: &str) -> Vec<Span> {
    let (mut spans, mut rest) = (Vec::new(), words);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            spans.push(Span::Words(before.to_string()));
        }
        spans.push(Span::Figure(name.trim().to_string()));
        rest = after;
    }
    if !rest.is_empty() {
        spans.push(Span::Words(rest.to_string()));
    }
    spans
}
