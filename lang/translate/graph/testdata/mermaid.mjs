// Gives files to Mermaid's own parser: node mermaid.mjs NODE_MODULES FILE...
// There is no browser here, so what would clean labels of scripts lets them pass.
import fs from 'fs';
import path from 'path';
import { pathToFileURL } from 'url';

const [modules, ...files] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(path.resolve(modules, file)));
const purify = (await load('dompurify/dist/purify.es.mjs')).default;
purify.addHook ??= () => {};
purify.sanitize ??= (s) => s;
const mermaid = (await load('mermaid/dist/mermaid.core.mjs')).default;
for (const file of files) {
  try {
    await mermaid.parse(fs.readFileSync(file, 'utf8'));
  } catch (e) {
    console.log(`${file}: ${e}`);
    process.exitCode = 1;
  }
}
