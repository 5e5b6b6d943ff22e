// The npm package, as `npm pack` makes it and as another project installs it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { spread, untar } from "./lib/archive.mjs";
import { foreign, open } from "./lib/browser.mjs";
import { library, PACKAGE } from "./lib/env.mjs";
import { serve } from "./lib/server.mjs";
import { stage } from "./lib/stage.mjs";

const run = promisify(execFile);
const NAME = "exitless-lab";

// What a project does with the package; each marked line is one that the types must refuse.
const CONSUMER = `
import { ExitlessLab, type Moment, type Report, type Verdict } from "${NAME}";

const lab: ExitlessLab = document.createElement("${NAME}");
const made: HTMLElement = new ExitlessLab();
lab.addEventListener("ready", ({ detail }) => detail.build.length);
lab.addEventListener("event", ({ detail }) => detail.sides[0].time.toFixed());
lab.addEventListener("report", ({ detail }: CustomEvent<Verdict>) => detail.passed && detail.score > 0.5);
lab.addEventListener("click", (event: Event) => event.preventDefault());

const there: Moment = await lab.seek("nic:17/exit.1");
await lab.run({ speed: "1us", until: "exit" });
await lab.step();
await lab.step("interrupt");
await lab.set("level", "explain");
await lab.set("exit-cost", 250);
const key: string = "speed";
await lab.set(key, "event");
await lab.load({ link: "#/lab?v=1" });
await lab.subscribe(["event"]);
const hash: string | undefined = (await lab.hash()).sides[there.side].hash;
const report: Report = await lab.getReport();
const file: Uint8Array = (await lab.exportTrace("pcapng", 1)).bytes;
export { made, hash, report, file };

// @ts-expect-error
await lab.run({ until: "lunch" });
// @ts-expect-error
await lab.step("mile");
// @ts-expect-error
await lab.set("level", "deep");
// @ts-expect-error
await lab.set("theme", 1);
// @ts-expect-error
await lab.seek(17);
// @ts-expect-error
await lab.exportTrace("png");
// @ts-expect-error
await lab.subscribe(["everything"]);
// @ts-expect-error
await lab.load({ scenario: 1 });
// @ts-expect-error
lab.link = "#/lab";
// @ts-expect-error
lab.addEventListener("report", ({ detail }) => detail.sides);
// @ts-expect-error
import { Exitless } from "${NAME}";
`;

describe("the npm package", () => {
  let browser, files, project, packed;
  stage((made) => (browser = made));
  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "project-"));
    const pack = ["pack", PACKAGE, "--pack-destination", project, "--json", "--offline", "--ignore-scripts"];
    const [{ filename }] = JSON.parse((await run("npm", pack)).stdout);
    const tar = await untar(path.join(project, filename));
    files = new Map([...tar].map(([name, bytes]) => [name.replace(/^package\//, ""), bytes]));
    packed = JSON.parse(files.get("package.json"));
    await spread(files, path.join(project, "node_modules", NAME));
  });
  after(() => rm(project, { recursive: true }));

  it("holds the element, its types, the licences, and every file of the page", () => {
    const entry = packed.exports["."];
    const needed = [entry.default, entry.types, packed.types].map((name) => path.posix.normalize(name));
    const page = Object.keys(JSON.parse(files.get("manifest.json")).files).map((name) => `${name}.lzma`);
    assert.ok(page.length > 20);
    for (const name of [...needed, ...page, "index.html", "README.md", "LICENSE-MIT", "LICENSE-APACHE"])
      assert.ok(files.get(name)?.length > 0, `${name} is not in the package`);
    assert.deepEqual([packed.name, packed.type], [NAME, "module"]);
  });

  it("its types take what is right, and refuse what is not", async () => {
    await spread([["consumer.mts", CONSUMER], ["package.json", `{ "type": "module" }`]], project);
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom", "--pretty", "false"];
    const said = await run("node", [library("typescript/lib/tsc.js"), ...options, "consumer.mts"], { cwd: project }).then(() => "", ({ stdout }) => stdout);
    assert.equal(said, "");
  });

  const page = async (test, html, pages = {}) => {
    const site = await serve({ "/node_modules/": path.join(project, "node_modules") }, { "/": `<!doctype html><title>project</title><link rel="icon" href="data:,">${html}`, ...pages });
    const opened = await open(browser);
    test.after(async () => (await opened.close(), site.close()));
    await opened.page.goto(`${site.origin}/`);
    const life = await opened.page.evaluate(async () => {
      await customElements.whenDefined("exitless-lab");
      const lab = document.querySelector("exitless-lab");
      await lab.ready;
      return (await lab.seek("nic:110/raised")).life;
    });
    assert.equal(life, 110);
    assert.deepEqual(opened.seen.errors, []);
    assert.deepEqual(foreign(opened.seen, site.origin), []);
  };

  it("installed, its module brings the element, and the element the page", (test) => {
    const map = { imports: { [NAME]: path.posix.join("/node_modules", NAME, packed.exports["."].default) } };
    return page(test, `<script type="importmap">${JSON.stringify(map)}</script><script type="module">
      import { ExitlessLab } from "${NAME}";
      document.body.append(Object.assign(new ExitlessLab(), { id: "lab" }));
    </script>`);
  });

  it("bundled with other scripts, the element is told where the page lies", (test) =>
    page(test, `<script type="module" src="/app.js"></script><exitless-lab site="node_modules/${NAME}/"></exitless-lab>`, { "/app.js": files.get("embed/exitless-lab.js") }));
});
