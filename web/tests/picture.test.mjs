// What is shown, saved as SVG and PNG, and read back by the browser's own readers.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ready } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

const saved = async (page, kind) => {
  const button = page.locator("dialog[open]").getByRole("button", { name: kind, exact: true });
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  assert.equal(download.suggestedFilename(), `exitless.${kind.toLowerCase()}`);
  return readFile(await download.path());
};

describe("the picture", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  for (const level of ["story", "explain"])
    it(`stands alone as SVG and as PNG: ${level}`, async () => {
      const { page, seen, close } = await open(browser, { viewport: { width: 1280, height: 900 } });
      await page.goto(`${site.url}#/?level=${level}`);
      await ready(page);
      const titles = await page.locator(".side h2").allInnerTexts();
      const size = await page.locator(".panels").boundingBox();
      await page.locator("header nav button", { hasText: "Share" }).click();
      const svg = (await saved(page, "SVG")).toString();
      const png = await saved(page, "PNG");
      const read = await page.evaluate(
        async ([svg, png]) => {
          const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
          const image = new Image();
          image.src = `data:image/png;base64,${png}`;
          await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.width, image.height];
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const { data } = context.getImageData(0, 0, image.width, image.height);
          const colours = new Set();
          for (let i = 0; i < data.length; i += 4) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
          return {
            error: parsed.querySelector("parsererror")?.textContent,
            texts: [...parsed.querySelectorAll("text")].map((text) => text.textContent),
            drawings: parsed.querySelectorAll("svg svg").length,
            canvases: parsed.querySelectorAll("image").length,
            classes: parsed.querySelectorAll("[class]").length,
            width: image.width,
            height: image.height,
            colours: [0xd55e00, 0x0072b2, 0xe69f00].filter((colour) => colours.has(colour)).length,
          };
        },
        [svg, png.toString("base64")],
      );
      assert.equal(read.error, undefined);
      for (const title of [...titles, "NIC", "IOMMU", "APIC"]) assert.ok(read.texts.includes(title), `${title} in ${read.texts}`);
      assert.deepEqual([read.drawings, read.canvases, read.classes], [3, level === "story" ? 0 : 1, 0]);
      assert.deepEqual([read.width, read.height], [Math.floor(2 * size.width), Math.floor(2 * size.height)]);
      assert.equal(read.colours, 3, "host, guest and interrupt are in it in their colours");
      assert.deepEqual(seen.errors, []);
      await close();
    });
});
