// Writes what a renderer makes of a text of Markdown: node marked.mjs NODE_MODULES FILE
import fs from 'fs';
import path from 'path';
import { pathToFileURL } from 'url';

const [modules, file] = process.argv.slice(2);
const { marked } = await import(pathToFileURL(path.resolve(modules, 'marked/lib/marked.esm.js')));
process.stdout.write(marked.parse(fs.readFileSync(file, 'utf8'), { gfm: true }));
