// The player of lessons. Text as elements: nothing in a lesson is taken for markup.
"use strict";
globalThis.lab.player = {};
((player) => {
  // An element with attributes, listeners (`onclick`) and children; text is text.
  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  };

  // A figure as one reads it.
  const number = (value) => {
    if (value === null || value === undefined) return "–";
    const places = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  };

  const SPANS = {
    Words: (text) => text,
    Emphasis: (text) => element("em", {}, text),
    Strong: (text) => element("strong", {}, text),
    Code: (text) => element("code", {}, text),
    Link: ([text, to]) => (/^(https?:|#)/.test(to) ? element("a", { href: to, rel: "noreferrer" }, text) : text),
    Figure: (name, figures) => {
      const figure = figures?.find((figure) => figure.name === name);
      return element("span", { class: "figure", title: figure?.label }, number(figure?.value));
    },
  };
  const only = (kinds, value, ...rest) => {
    const [kind, content] = Object.entries(value)[0];
    return kinds[kind]?.(content, ...rest) ?? "";
  };
  const line = (spans, figures) => spans.map((span) => only(SPANS, span, figures));

  const BLOCKS = {
    Paragraph: (spans, figures) => element("p", {}, line(spans, figures)),
    Heading: (spans, figures) => element("h4", {}, line(spans, figures)),
    List: ([numbered, items], figures) =>
      element(numbered ? "ol" : "ul", {}, items.map((item) => element("li", {}, text(item, figures)))),
    Code: (code) => element("pre", { tabindex: "0" }, element("code", {}, code)),
    Quote: (inner, figures) => element("blockquote", {}, text(inner, figures)),
    Table: ([head, rows], figures) => {
      const row = (cells, tag) => element("tr", {}, cells.map((cell) => element(tag, tag === "th" ? { scope: "col" } : {}, line(cell, figures))));
      const body = element("tbody", {}, rows.map((cells) => row(cells, "td")));
      return element("div", { class: "table", tabindex: "0" }, element("table", {}, element("thead", {}, row(head, "th")), body));
    },
  };
  // Blocks of text; figures are those of the last check.
  const text = (blocks, figures) => blocks.map((block) => only(BLOCKS, block, figures));

  Object.assign(player, { element, number, text });
})(globalThis.lab.player);
