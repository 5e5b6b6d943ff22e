// Each key does what the page's own table says (web/src/app/keys.rs), where it may, and nowhere else.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ask, eventually, ready, settled } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";
import { log } from "./lib/views.mjs";

describe("keys", () => {
  let browser, site, page, seen;
  stage((...made) => ([browser, site] = made));
  before(async () => {
    ({ page, seen } = await open(browser));
    await page.goto(`${site.url}#/lab?level=inspect`);
    await ready(page);
    await page.getByRole("button", { name: "Code", exact: true }).click();
  });
  after(() => assert.deepEqual(seen.errors, []));

  // Where the machine in focus is.
  const now = async () => {
    const { event, life, side, sides, state } = await ask(page, "getReport");
    return { ...sides[side], event, life, side, state, rip: BigInt(sides[side].rip) };
  };
  const press = async (key) => {
    await page.locator("#machines").focus();
    await page.keyboard.press(key);
    await settled(page);
    return now();
  };
  const kind = async () => (await log(page)).find((row) => row.marked)?.kind;
  const breakpoint = () => page.locator(".v-code-table tr[aria-current=true] .v-break").getAttribute("aria-pressed");
  const dialog = () => page.locator("dialog[open]").count();
  // Goes to where the next instruction is a call, which is looked for once; and says where the call returns to.
  let call = null;
  const toCall = async () => {
    await ask(page, "seek", { at: call?.at ?? "nic:103/delivered" });
    for (let steps = 0; !call && steps < 400; steps++) {
      const lines = await page.locator(".v-code-table tr:not(.v-symbol)").evaluateAll((rows) =>
        rows.filter((row) => row.cells[1]?.className === "v-address").map((row) => [row.cells[1].textContent, row.cells[3].textContent, row.ariaCurrent]));
      const at = lines.findIndex(([, , marked]) => marked === "true");
      const { time } = await now();
      if (/\bcall\b/.test(lines[at][1])) call = { at: `t=${Math.floor(time / 1e6)}.${String(time % 1e6).padStart(6, "0")}us`, returns: BigInt(`0x${lines[at + 1][0]}`) };
      else await ask(page, "step", { unit: "instruction" });
    }
    assert.ok(call, "no call within 400 instructions");
    return { ...call, from: await now() };
  };
  const one = (from, to) => assert.deepEqual([to.retired, to.time > from.time], [from.retired + 1, true]);

  // Key, its alias, and what it does: a test of it gets `press` for either of them.
  const KEYS = [
    ["Space", "F8", "runs and pauses", async (key) => {
      const from = await now();
      await page.locator("#machines").focus();
      await page.keyboard.press(key);
      await page.locator(".state[data-state=running]").waitFor();
      await eventually(page, (time) => lab.request("getReport").then((r) => r.sides[0].time > time), from.time);
      await page.keyboard.press(key);
      await page.locator(".state[data-state=paused]").waitFor();
      const to = await now();
      assert.equal(to.state, "paused");
      assert.ok(to.time > from.time);
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.equal((await now()).time, to.time, "it stands");
    }],
    [".", null, "steps forward as far as the reader chose", async (key) => {
      for (const [unit, does] of [["an instruction", one], ["an event", (from, to) => assert.equal(to.event, from.event + 1)]]) {
        await page.getByLabel("A step is").selectOption(unit);
        const from = await now();
        does(from, await press(key));
      }
    }],
    [",", null, "steps back as far as the reader chose", async (key) => {
      for (const unit of ["an instruction", "an event"]) {
        await page.getByLabel("A step is").selectOption(unit);
        const from = await press(".");
        const there = await press(".");
        const back = await press(key);
        if (unit === "an event") assert.deepEqual([there.event, back.event], [from.event + 1, from.event]);
        else assert.deepEqual([back.retired, back.time, back.rip], [from.retired, from.time, from.rip]);
      }
    }],
    ["n", "F10", "steps over a call, else by an instruction", async (key) => {
      const { returns, from } = await toCall();
      const over = await press(key);
      assert.equal(over.rip, returns, "it does not stop inside");
      assert.ok(over.retired > from.retired + 1, "the call was run");
      one(over, await press(key));
    }],
    ["s", "F11", "steps one instruction, into a call", async (key) => {
      const { returns, from } = await toCall();
      const into = await press(key);
      one(from, into);
      assert.notEqual(into.rip, returns);
      one(into, await press(key));
    }],
    ["b", "F9", "sets a breakpoint here, and clears it", async (key) => {
      assert.equal(await breakpoint(), "false");
      const { rip, time } = await press(key);
      assert.equal(await breakpoint(), "true");
      assert.match(await page.locator(".breakpoints li").innerText(), new RegExp(`0x${rip.toString(16)}`));
      const after = await press(key);
      assert.deepEqual([await breakpoint(), await page.locator(".breakpoints li").count(), after.time], ["false", 0, time]);
    }],
    ["]", null, "goes to the next VM exit", async (key) => {
      const from = await now();
      const to = await press(key);
      assert.equal(await kind(), "vm-exit");
      const between = (await log(page)).filter((row) => row.kind === "vm-exit").map((row) => Number(row.event.replace(/\D/g, "")));
      assert.deepEqual(between.filter((event) => event > from.event && event < to.event), []);
      assert.ok(to.event > from.event);
    }],
    ["[", null, "goes to the exit before", async (key) => {
      const first = await press("]");
      const second = await press("]");
      assert.ok(second.event > first.event);
      const back = await press(key);
      assert.deepEqual([back.event, back.time, await kind()], [first.event, first.time, "vm-exit"]);
    }],
    ["i", null, "goes to the next interrupt", async (key) => {
      const from = await now();
      const to = await press(key);
      assert.deepEqual([to.life, await kind()], [from.life + 1, "raised"]);
    }],
    ["I", null, "goes to the interrupt before", async (key) => {
      const from = await press("i");
      const to = await press(key);
      assert.deepEqual([to.life, await kind()], [from.life - 1, "raised"]);
      assert.ok(to.time < from.time);
    }],
    ["o", null, "puts the other machine in focus", async (key) => {
      assert.equal((await press(key)).side, 1);
      assert.equal((await press(key)).side, 0);
    }],
    ["?", "F1", "shows the keys, and shuts them", async (key) => {
      await press(key);
      const said = await page.locator("dialog[open]").innerText();
      for (const [name, alias, does] of KEYS) for (const one of [name, alias]) if (one) assert.ok(said.includes(one), `${one} ${does}`);
      await page.keyboard.press(key);
      await page.waitForFunction(() => !document.querySelector("dialog[open]"));
    }],
  ];
  for (const [name, alias, does, test] of KEYS)
    it(`${[name, alias].filter(Boolean).join(" and ")} ${does}`, async () => {
      for (const key of [name, alias].filter(Boolean)) {
        await ask(page, "seek", { at: "nic:103" });
        await test(key);
      }
    });

  // Presses every single key of the table where it must do nothing.
  const dead = async (target, singles = KEYS.map(([name]) => name)) => {
    for (const key of singles) {
      const from = await now();
      await target.press(key);
      await settled(page);
      assert.deepEqual([key, await now(), await dialog()], [key, from, 0]);
      assert.equal(await page.locator(".breakpoints li").count(), 0, key);
    }
  };

  it("single letters mean nothing where one types, nor outside the lab; function keys do", async () => {
    await ask(page, "seek", { at: "nic:103" });
    await page.evaluate(() => document.body.insertAdjacentHTML("beforeend", '<p><button id="outside">outside</button></p>'));
    await dead(page.locator("#outside"));
    await page.locator("summary", { hasText: "until" }).click();
    const field = page.getByLabel("symbol");
    await dead(field);
    assert.match(await field.inputValue(), /nsb/, "they are typed");
    const from = await now();
    await field.press("F11");
    await settled(page);
    one(from, await now());
    await page.locator("#outside").press("F11");
    await settled(page);
    assert.equal((await now()).retired, from.retired + 2);
    await page.evaluate(() => document.querySelector("#outside").parentElement.remove());
    await page.locator("summary", { hasText: "until" }).press("Escape");
  });

  it("nothing happens behind a dialog, nor with Ctrl, Alt or Meta", async () => {
    const from = await now();
    await page.locator("header nav button", { hasText: "Share" }).click();
    for (const key of ["n", ".", "]", "F11", "F8"]) await page.keyboard.press(key);
    await page.keyboard.press("Escape");
    for (const held of ["Control", "Alt", "Meta"]) await press(`${held}+]`);
    assert.deepEqual(await now(), from);
  });

  it("single letters can be switched off; that is kept, and function keys stay", async () => {
    const singles = async () => {
      await page.locator("header nav button", { hasText: "?" }).click();
      await page.locator("dialog[open]").getByLabel("Single-letter keys").click();
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => !document.querySelector("dialog[open]"));
    };
    await singles();
    await dead(page.locator("#machines"));
    await page.reload();
    await ready(page);
    await dead(page.locator("#machines"), ["n", "]", "?"]);
    const from = await now();
    one(from, await press("F11"));
    await singles();
    one(await now(), await press("s"));
  });

  it("in an embed the lab must have the focus; in a view nothing is a key", async () => {
    await page.goto(`${site.url}#/lab?level=explain&mode=embed`);
    await page.reload();
    await ready(page);
    await page.evaluate(() => document.activeElement?.blur());
    const from = await now();
    await page.keyboard.press("]");
    await settled(page);
    assert.deepEqual(await now(), from);
    assert.ok((await press("]")).event > from.event);
    await ask(page, "set", { key: "mode", value: "view" });
    const there = await now();
    for (const key of ["]", "F11", "F8"]) assert.deepEqual(await press(key), there);
  });
});
