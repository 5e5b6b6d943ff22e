// Where the Lab's site lies, seen from the book's own folder: what `cargo xtask site` writes, or a hosted one,
// "https://HOST/PATH/". `cargo xtask site --out src/lab` puts it into the book; then it is "lab/".
{
  const SITE = "../../../../target/site/";
  const script = document.createElement("script");
  script.src = new URL(`${SITE}embed/exitless-lab.classic.js`, document.currentScript.src);
  document.head.append(script);
}
