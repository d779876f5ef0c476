#!/usr/bin/env node
// The command. In the JavaScript of long ago, and as a script rather than a module: a Node.js that is too old for
// Bellwire has to get far enough to say so.
var OLDEST = 24

if (parseInt(process.versions.node, 10) < OLDEST) {
  process.stderr.write(
    'bellwire: Bellwire needs Node.js ' +
      OLDEST +
      ' or newer, and this is Node.js ' +
      process.versions.node +
      '. Install a current version from https://nodejs.org, then run this command again' +
      (require('fs').existsSync(require('path').join(__dirname, '../src'))
        ? ' (or "npm start" here).\n'
        : '.\n'),
  )
  process.exitCode = 1
} else {
  require('./start.mjs')
}
