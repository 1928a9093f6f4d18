#!/usr/bin/env node
// All of out/cli/replug.js. It must run on any Node, as a module or as CommonJS, so that an old version prints a
// sentence and not a stack trace. The program itself is in main.js, which is loaded only if this Node can parse it.
var version = process.versions.node;
if (parseInt(version, 10) < 24) {
  console.error('Replug needs Node 24 or newer, and this is Node ' + version + '. Install Node 24 and run it again.');
  process.exitCode = 2;
} else {
  // @ts-expect-error: main.js exists once this file is in out/cli.
  import('./main.js');
}
