#!/usr/bin/env node
// The whole of out/cli/replug.js. It must run on any Node, as a module or as CommonJS, so that an old one gets a sentence
// and not a stack trace; the program itself is in main.js and is read only when this Node can read it.
var version = process.versions.node;
if (parseInt(version, 10) < 24) {
  console.error('Replug needs Node 24 or newer, and this is Node ' + version + '. Install Node 24 and run it again.');
  process.exitCode = 2;
} else {
  // @ts-expect-error: main.js is there once this file lies in out/cli.
  import('./main.js');
}
