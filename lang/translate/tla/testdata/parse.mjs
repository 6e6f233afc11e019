// Parses TLA+ files with the grammar of the TLA+ tools for editors: node parse.mjs FOLDER FILE..., where FOLDER has node_modules.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
const require = createRequire(process.argv[2] + '/')
const Parser = require('web-tree-sitter')
await Parser.init()
const lang = await Parser.Language.load(require.resolve('@tlaplus/tree-sitter-tlaplus/tree-sitter-tlaplus.wasm'))
const parser = new Parser()
parser.setLanguage(lang)
let bad = 0
function walk(file, n) {
  if (!n.hasError && !n.isMissing) return
  if (n.type === 'ERROR' || n.isMissing) {
    bad++
    console.log(`${file}:${n.startPosition.row + 1}: ${n.isMissing ? 'missing ' : ''}${n.type}: ${n.text.slice(0, 60)}`)
    return
  }
  for (const c of n.children) walk(file, c)
}
for (const f of process.argv.slice(3)) walk(f, parser.parse(readFileSync(f, 'utf8')).rootNode)
console.log(`${bad} errors in ${process.argv.length - 3} files`)
