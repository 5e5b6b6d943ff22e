// The pages of examples/embed, as whoever copies them opens them: from a server, with the site in target/site.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { foreign, open } from "./lib/browser.mjs";
import { catalogue, cli } from "./lib/cli.mjs";
import { GUESTS, ROOT, SITE } from "./lib/env.mjs";
import { eventually } from "./lib/lab.mjs";
import { serve } from "./lib/server.mjs";
import { stage } from "./lib/stage.mjs";

const HERE = "/examples/embed/";
const FOLDER = path.join(ROOT, "examples/embed");
const example = (name) => readFile(path.join(FOLDER, name), "utf8");

describe("the pages of examples/embed", () => {
  let browser, site;
  const pages = {};
  stage((made) => (browser = made));
  before(async () => {
    site = await serve({ [HERE]: FOLDER, "/target/site/": SITE }, pages);
  });
  after(() => site?.close());

  const visit = async (test, name, prepare = () => {}) => {
    const opened = await open(browser);
    test.after(opened.close);
    await prepare(opened.page);
    await opened.page.goto(`${site.origin}${HERE}${name}`);
    return opened;
  };
  const clean = ({ errors, ...seen }) => {
    assert.deepEqual(errors, []);
    assert.deepEqual(foreign(seen, site.origin), []);
  };
  // What the page's elements say of themselves, once they are ready. What is out of sight is asked to load.
  const reports = (page) =>
    page.evaluate(async () => {
      await customElements.whenDefined("exitless-lab");
      const one = async (lab) => (lab.ping(), await lab.ready, lab.getReport());
      return Promise.all([...document.querySelectorAll("exitless-lab")].map(one));
    });
  const states = (page) => reports(page).then((all) => all.map(({ state }) => state));

  it("plain HTML: its buttons drive frame and element, and what they say is shown", async (test) => {
    const { page, seen } = await visit(test, "html/index.html");
    const press = (name) => page.getByRole("button", { name }).click();
    const says = (list, text) => page.locator(`#${list}-log li`, { hasText: text }).first().waitFor();
    await says("frame", "ready");
    await press("The card raises interrupt 103");
    await says("frame", /answer: paused, event \d/);
    const [begun] = (await page.locator("#frame-log li").allInnerTexts()).slice(-1);
    await press("Next exit");
    await page.waitForFunction((begun) => document.querySelector("#frame-log li:last-child").textContent !== begun, begun);
    await press("Run");
    await says("frame", "answer: running");
    await press("Pause");
    await eventually(page, () => /: paused/.test(document.querySelector("#frame-log li:last-child").textContent));
    const [{ life, event }] = await reports(page);
    assert.equal(life, 105);
    await press("Next event");
    await says("element", new RegExp(`^event: .*, event ${event + 1},`));
    await press("Previous event");
    await says("element", new RegExp(`^event: .*, event ${event},`));
    await press("Interrupt 110, its first exit");
    await eventually(page, async () => (await document.querySelector("exitless-lab").getReport()).life === 110);
    clean(seen);
  });

  it("mdBook: what the chapter holds becomes two elements that answer", async (test) => {
    const book = await example("mdbook/book.toml");
    const [, script] = /^additional-js = \["(.*)"\]$/m.exec(book);
    // CommonMark 4.6: a block of HTML goes from its <div> to the next empty line, as it is.
    const blocks = (await example("mdbook/src/the-interrupt.md")).match(/^<div>\n[^]*?(?=\n\n)/gm);
    const at = `${HERE}mdbook/book/`;
    pages[`${at}${script}`] = await example(`mdbook/${script}`);
    pages[`${at}the-interrupt.html`] = `<!doctype html><title>book</title><link rel="icon" href="data:,"><main>${blocks.join("\n")}</main><script src="${script}"></script>`;
    const { page, seen } = await visit(test, "mdbook/book/the-interrupt.html");
    const [story, close] = await reports(page);
    assert.deepEqual([story.scenario, story.state, close.life], ["lab", "paused", 105]);
    const panels = page.frameLocator("exitless-lab >> nth=1 >> iframe").locator(".panels > *");
    assert.equal(await panels.count(), 2);
    clean(seen);
  });

  describe("reveal.js", () => {
    // What the page uses of reveal.js, and that it keeps the slides beside the present one in the document.
    const REVEAL = `globalThis.Reveal = (() => {
      const heard = { ready: [], slidechanged: [] };
      let currentSlide = null;
      const go = (slide, kind) => {
        const previousSlide = currentSlide ?? undefined;
        currentSlide = slide;
        for (const one of document.querySelectorAll(".slides > section")) one.style.visibility = one === slide ? "" : "hidden";
        heard[kind].forEach((listener) => listener({ type: kind, currentSlide, previousSlide }));
      };
      return {
        on: (kind, listener) => heard[kind].push(listener),
        initialize: async () => go(document.querySelector(".slides > section"), "ready"),
        next: () => go(currentSlide.nextElementSibling, "slidechanged"),
        prev: () => go(currentSlide.previousElementSibling, "slidechanged"),
      };
    })();`;

    it("the machines start when their slide is shown, and pause when it is left", async (test) => {
      const { page, seen } = await visit(test, "reveal/index.html", (page) =>
        page.route("**/node_modules/reveal.js/dist/**", (route) =>
          route.request().url().endsWith(".js") ? route.fulfill({ contentType: "text/javascript", body: REVEAL }) : route.fulfill({ contentType: "text/css", body: "" })));
      assert.deepEqual(await states(page), ["paused", "paused"]);
      const go = async (way, ...wanted) => {
        await page.evaluate((way) => Reveal[way](), way);
        await eventually(page, async (wanted) => {
          const labs = [...document.querySelectorAll("exitless-lab")];
          const reports = await Promise.all(labs.map((lab) => lab.getReport()));
          return reports.map(({ state }) => state).join() === wanted.join();
        }, wanted);
      };
      await go("next", "running", "paused");
      await go("next", "paused", "running");
      await go("prev", "running", "paused");
      await go("prev", "paused", "paused");
      assert.equal(await page.locator("#missing").isVisible(), false);
      clean(seen);
    });

    it("without it, the page says what to install", async (test) => {
      const { page } = await visit(test, "reveal/index.html", (page) => page.route("**/node_modules/**", (route) => route.fulfill({ status: 404 })));
      assert.match(await page.getByRole("alert").innerText(), /npm install/);
      const { dependencies } = JSON.parse(await example("reveal/package.json"));
      assert.deepEqual(Object.keys(dependencies), ["reveal.js"]);
    });
  });

  describe("Jupyter", () => {
    const cell = async (word) => {
      const { cells } = JSON.parse(await example("jupyter/lab.ipynb"));
      return cells.map(({ source }) => source.join("")).find((text) => text.includes(word));
    };

    it("the notebook is one (nbformat 4.5), without anybody's outputs", async () => {
      const { nbformat, nbformat_minor, metadata, cells } = JSON.parse(await example("jupyter/lab.ipynb"));
      assert.deepEqual([nbformat, nbformat_minor, metadata.kernelspec.name, typeof metadata.kernelspec.display_name], [4, 5, "python3", "string"]);
      assert.equal(new Set(cells.map(({ id }) => id)).size, cells.length);
      for (const { id, cell_type, metadata, source, ...code } of cells) {
        assert.match(id, /^[\w-]{1,64}$/);
        assert.deepEqual(metadata, {});
        assert.ok(Array.isArray(source) && source.slice(0, -1).every((line) => line.endsWith("\n")), id);
        assert.deepEqual(code, cell_type === "markdown" ? {} : { execution_count: null, outputs: [] });
      }
    });

    it("what it displays is the Lab, as a frame and as an element", async (test) => {
      const filled = (text) => text.replaceAll("{SITE}", `${site.origin}/target/site`);
      const [, address] = /IFrame\(f"(.*?)"/.exec(await cell("IFrame("));
      const [, html] = /HTML\(f"""(.*?)"""\)/s.exec(await cell("HTML("));
      pages[`${HERE}jupyter/outputs.html`] = `<!doctype html><title>notebook</title><link rel="icon" href="data:,"><iframe id="frame" width="900" height="720" src="${filled(address)}"></iframe>${filled(html)}`;
      const { page, seen } = await visit(test, "jupyter/outputs.html");
      const [{ life }] = await reports(page);
      assert.equal(life, 105);
      await page.frameLocator("#frame").locator(".panels .side").first().waitFor();
      clean(seen);
    });

    it("what it reads of the command line's JSON is there", async () => {
      const text = await cell("--json");
      const [, given] = /command = \[EXITLESS, (.*)\]/.exec(text);
      // The first mode alone, and for a moment: the fields are the same.
      const scenario = path.join(ROOT, "examples/scenarios/compare.toml");
      const [, first] = /^\[\[mode\]\]\nname = "(.*)"$/m.exec(await readFile(scenario, "utf8"));
      const short = ["--guests", GUESTS, "--scenario", scenario, "--modes", first, "--warmup-ms", "20", "--window-ms", "20"];
      const { workloads: [workload] } = await cli(...JSON.parse(`[${given}]`), ...short);
      const read = (name) => [...text.matchAll(new RegExp(`\\b${name}\\["(\\w+)"\\]`, "g"))].map(([, field]) => field);
      const [all, each] = [read("workload"), read("mode")];
      assert.ok(all.length > 1 && each.length > 3, `${all} ${each}`);
      for (const field of all) assert.ok(field in workload, field);
      for (const mode of workload.modes) for (const field of each) assert.ok(field in mode, field);
    });
  });

  it("Moodle: the package that the page tells of can be made", async () => {
    const text = await example("moodle/README.md");
    const [, name] = /^cargo xtask site --scorm \S+ --scorm-name (\S+)$/m.exec(text);
    assert.ok((await catalogue()).lessons.some((lesson) => lesson.name === name), name);
  });

  it("the list names every folder, and nothing that is not there", async () => {
    const links = [...(await example("README.md")).matchAll(/\]\(([^)]*)\)/g)].map(([, link]) => link);
    for (const link of links) assert.ok(await readFile(path.join(FOLDER, link)), link);
    const folders = (await readdir(FOLDER, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    for (const { name } of folders) assert.ok(links.some((link) => link.startsWith(`${name}/`)), name);
  });
});
