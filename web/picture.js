// What is shown, as a picture file: SVG, or PNG at twice the size. Each drawing is copied where it stands, with the
// styles that hold for it now; headings and captions come as text.
"use strict";
((lab) => {
  const NS = "http://www.w3.org/2000/svg";
  const STYLES = ["display", "visibility", "opacity", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline"];
  const TEXTS = "h2, .side-name p, .v-caption, .v-ways li > :not(.v-way-number), .v-facts span, .v-legend span, figcaption span, figcaption b, .v-sum b, .v-sum span";
  const SCALE = 2;

  const make = (name, attributes, ...inside) => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };

  // A copy of a drawing that needs no style sheet.
  const copy = (drawing) => {
    const made = drawing.cloneNode(true);
    const [from, to] = [drawing, made].map((root) => [root, ...root.querySelectorAll("*")]);
    from.forEach((element, i) => {
      const style = getComputedStyle(element);
      to[i].setAttribute("style", STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
      for (const name of ["class", "tabindex", "role"]) to[i].removeAttribute(name);
    });
    return made;
  };

  const text = (element, x, y, height) => {
    const { color, fontFamily, fontSize, fontWeight } = getComputedStyle(element);
    const style = `font-family:${fontFamily};font-size:${fontSize};font-weight:${fontWeight}`;
    return make("text", { x, y: y + height / 2, fill: color, style, "dominant-baseline": "central" }, element.textContent.trim());
  };

  const svg = () => {
    const root = document.querySelector(".panels");
    if (!root) throw new Error("nothing is shown yet");
    const frame = root.getBoundingClientRect();
    const whole = make("svg", { xmlns: NS, width: frame.width, height: frame.height, viewBox: `0 0 ${frame.width} ${frame.height}` });
    whole.append(make("title", {}, document.title), make("desc", {}, location.href), make("rect", { width: "100%", height: "100%", fill: getComputedStyle(document.body).backgroundColor }));
    const seen = (element) => element.getClientRects().length && getComputedStyle(element).visibility === "visible";
    const each = (selector, put) => {
      for (const element of root.querySelectorAll(selector)) {
        if (!seen(element) || element.closest(".v-hidden")) continue;
        const { left, top, width, height } = element.getBoundingClientRect();
        whole.append(put(element, left - frame.left, top - frame.top, width, height));
      }
    };
    each("section.card", (card, x, y, width, height) => make("rect", { x, y, width, height, rx: 14, fill: getComputedStyle(card).backgroundColor, stroke: getComputedStyle(card).borderColor }));
    each("svg:not(svg svg)", (drawing, x, y, width, height) => {
      const made = copy(drawing);
      for (const [key, value] of Object.entries({ x, y, width, height })) made.setAttribute(key, value);
      return made;
    });
    each("canvas", (canvas, x, y, width, height) => make("image", { x, y, width, height, href: canvas.toDataURL() }));
    each(".v-way-number", (badge, x, y, width, height) => {
      const made = text(badge, x + width / 2, y, height);
      made.setAttribute("text-anchor", "middle");
      return made;
    });
    each(TEXTS, (element, x, y, width, height) => text(element, x, y, height));
    return { text: new XMLSerializer().serializeToString(whole), width: frame.width, height: frame.height };
  };

  const png = async ({ text, width, height }) => {
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width * SCALE, height * SCALE];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };

  lab.draw = async (kind) => {
    const picture = svg();
    const blob = kind === "png" ? await png(picture) : new Blob([picture.text], { type: "image/svg+xml" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `exitless.${kind}`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
})(globalThis.lab);
