import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Which messages of the catalogues the product uses, read from its syntax trees. */

const ROOT = path.resolve(import.meta.dirname, '../..');

/** `window.lesson.locked`; with a star, everything below: `window.device.*`. */
export function usedKeys(folders: readonly string[]): ReadonlySet<string> {
  const used = new Set<string>();
  for (const folder of folders)
    for (const file of sourcesIn(path.join(ROOT, folder)))
      collect(ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true), used);
  return used;
}

/** Whether a message is used by itself or by one of those it lies in. */
export function isUsed(key: string, used: ReadonlySet<string>): boolean {
  if (/^errors\.(fault|advice)\./u.test(key)) return used.has(key);
  const parts = key.split('.');
  return used.has(key) || parts.some((_, index) => used.has(`${parts.slice(0, index + 1).join('.')}.*`));
}

/**
 * A chain that begins with `windowWords` or `commonEnglish`, or with a name that stands for a part of it, is use of
 * all it reaches. What is computed or handed on counts as use of everything below.
 */
function collect(source: ts.SourceFile, used: Set<string>): void {
  const aliases = new Map<string, string>();

  const keyOf = (node: ts.Expression): string | undefined => {
    if (ts.isIdentifier(node))
      return /^[a-z]+(Words|English)$/u.test(node.text) && !aliases.has(node.text)
        ? node.text.replace(/(Words|English)$/u, '')
        : aliases.get(node.text);
    if (ts.isPropertyAccessExpression(node)) {
      const above = keyOf(node.expression);
      return above === undefined ? undefined : `${above}.${node.name.text}`;
    }
    if (ts.isElementAccessExpression(node)) {
      const above = keyOf(node.expression);
      if (above === undefined) return undefined;
      return ts.isStringLiteral(node.argumentExpression) ? `${above}.${node.argumentExpression.text}` : `${above}.*`;
    }
    return undefined;
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
      const key = keyOf(node.initializer);
      if (key !== undefined && ts.isIdentifier(node.name)) {
        // in the next function the same name may stand for other words; from there on it does
        aliases.set(node.name.text, key);
        return;
      }
      if (key !== undefined && ts.isObjectBindingPattern(node.name)) {
        for (const { propertyName, name } of node.name.elements) {
          const property = propertyName ?? name;
          if (!ts.isIdentifier(property) || !ts.isIdentifier(name)) continue;
          used.add(`${key}.${property.text}`);
          aliases.set(name.text, `${key}.${property.text}`);
        }
        return;
      }
    }
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) || ts.isIdentifier(node)) {
      const key = keyOf(node);
      if (key !== undefined) {
        // a call of a string's own (`words.yes.split(' ')`) is use of the string
        key.split('.').forEach((_, index, parts) => used.add(parts.slice(0, index + 1).join('.')));
        // handed on as a whole
        used.add(`${key}.*`);
        if (ts.isElementAccessExpression(node)) ts.forEachChild(node.argumentExpression, visit);
        return;
      }
    }
    // sentences that the engine hands out by their key
    if (ts.isStringLiteral(node)) for (const kind of ['fault', 'advice']) used.add(`errors.${kind}.${node.text}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
}

const sourcesIn = (folder: string): readonly string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.tsx?$/u.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${path.sep}made${path.sep}`));
