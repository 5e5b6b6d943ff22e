// The loader: fetches and unpacks what the page needs, and says what failed and what to do. Everything is shipped as
// NAME.lzma, or inlined in the single file; what comes after this script is in boot.js.
"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
  const site = read("site");
  const inlined = read("files");
  const line = document.getElementById("lab-line");

  const say = (text, wrong) => {
    if (!line) return;
    line.textContent = text;
    line.className = wrong ? "wrong" : "";
    line.setAttribute("role", wrong ? "alert" : "status");
  };

  // An error whose text is for the reader.
  class Told extends Error {}

  const fetched = async (name) => {
    let answer;
    try {
      answer = await fetch(`${name}.lzma?${site.files[name][1]}`);
    } catch {
      const disk = location.protocol === "file:";
      throw new Told(
        disk
          ? "This page fetches its parts and cannot do so from a disk. Open the single-file version, or serve this folder."
          : `${name}.lzma could not be fetched. Check the connection and reload.`,
      );
    }
    if (!answer.ok)
      throw new Told(`${name}.lzma is missing from the server (${answer.status}). Whoever hosts this page should upload it whole.`);
    return new Uint8Array(await answer.arrayBuffer());
  };

  const decoded = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  // As it is shipped; the size that it will have stands at its byte 5.
  const packed = async (name) => {
    if (!Object.hasOwn(site.files, name)) throw new Told(`This build has no file ${name}.`);
    const bytes = inlined ? decoded(inlined[name]) : await fetched(name);
    if (bytes.length < 18 || new DataView(bytes.buffer).getUint32(5, true) !== site.files[name][0])
      throw new Told(`${name}.lzma is not the one that this page was built with. Reload without the cache.`);
    return bytes;
  };

  // What is wanted at once is asked for at once, and given out as it comes.
  const begun = new Map();
  const begin = (name) => {
    const promise = packed(name);
    promise.catch(() => {}); // Whoever takes it hears of it.
    begun.set(name, promise);
    return promise;
  };
  const take = (name) => {
    const promise = begun.get(name) ?? packed(name);
    begun.delete(name);
    return promise;
  };
  const asset = async (name) => unpack(await take(name));

  const script = (...parts) => URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));

  const run = (bytes) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.onload = resolve;
      element.onerror = () => reject(new Told("The page's script was refused. Scripts from blob: must be allowed here."));
      element.src = script(bytes);
      document.head.append(element);
    });

  const fail = (error) => {
    console.error(error);
    const known = error instanceof Told;
    say(known ? error.message : `This page could not start (${error.message ?? error}). Reload; if it stays, try another browser.`, true);
  };

  // What was posted before anybody could hear it.
  const post = [];
  const hear = (event) => post.push(event);
  addEventListener("message", hear);
  const hand = (listener) => {
    removeEventListener("message", hear);
    addEventListener("message", listener);
    post.splice(0).forEach(listener);
  };

  const lab = (globalThis.lab = { early: "", site, say, Told, begin, take, packed, asset, script, run, fail, hand });
  // The still picture's button: what it asks for happens as soon as it can.
  document.getElementById("lab-follow")?.addEventListener("click", () => {
    lab.early = "follow";
    say("Starting the machines; it follows in a moment.");
  });

  ["boot.js", "page.css", "page.js", "page.wasm"].forEach(begin);
  asset("boot.js").then(run).catch(fail);
})();
