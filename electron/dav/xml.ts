import { SaxesParser } from 'saxes';
import { DavError } from './status.ts';

/** XML of requests and answers. Requests are strangers' bytes: no entities of their own, bounded in size and depth. */

/** Bytes of a request's body. */
export const LARGEST_BODY = 1024 * 1024;
const DEEPEST = 20;
const MOST_ELEMENTS = 10_000;

/** An element with what is in it. */
export interface Element {
  /** Its namespace; empty for none. */
  readonly space: string;
  readonly name: string;
  readonly attributes: readonly { readonly space: string; readonly name: string; readonly value: string }[];
  readonly children: (Element | string)[];
}

/** `DAV:`, the namespace of all that RFC 4918 names. */
export const DAV = 'DAV:';

/** The document's element. Throws 400 for what is not well-formed or has a document type, 413 for what is too deep. */
export function parseXml(text: string): Element {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Element[] = [];
  let root: Element | undefined;
  let elements = 0;
  parser.on('error', () => {
    throw new DavError(400);
  });
  parser.on('doctype', () => {
    throw new DavError(400);
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    elements += 1;
    if (open.length >= DEEPEST || elements > MOST_ELEMENTS) throw new DavError(413);
    const element: Element = {
      space: uri,
      name: local,
      attributes: Object.values(attributes)
        .filter(({ prefix, local: its }) => prefix !== 'xmlns' && its !== 'xmlns')
        .map(({ uri: space, local: name, value }) => ({ space, name, value })),
      children: [],
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', (chunk) => open.at(-1)?.children.push(chunk));
  parser.on('cdata', (chunk) => open.at(-1)?.children.push(chunk));
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(text).close();
  if (root === undefined) throw new DavError(400);
  return root;
}

/** The elements in an element. */
export const elementsIn = (element: Element): readonly Element[] =>
  element.children.filter((child): child is Element => typeof child !== 'string');

/** The element of this name in `DAV:` among its children. */
export const child = (element: Element, name: string): Element | undefined =>
  elementsIn(element).find((one) => one.space === DAV && one.name === name);

/** Text as it stands in XML; what no XML can hold is left out. */
export const escapeXml = (text: string): string =>
  text

    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '',
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** An element as it was sent, with a namespace of its own on each level: it means the same wherever it stands. */
export function writeXml(element: Element): string {
  const { space, name, attributes, children } = element;
  const written = attributes
    .map((one, index) =>
      one.space === ''
        ? ` ${one.name}="${escapeXml(one.value)}"`
        : one.space === XML
          ? ` xml:${one.name}="${escapeXml(one.value)}"`
          : ` xmlns:a${index}="${escapeXml(one.space)}" a${index}:${one.name}="${escapeXml(one.value)}"`,
    )
    .join('');
  const inside = children.map((one) => (typeof one === 'string' ? escapeXml(one) : writeXml(one))).join('');
  return space === ''
    ? `<${name} xmlns=""${written}>${inside}</${name}>`
    : `<x:${name} xmlns:x="${escapeXml(space)}"${written}>${inside}</x:${name}>`;
}

const XML = 'http://www.w3.org/XML/1998/namespace';

/** The empty element of a property's name. */
export const emptyXml = (space: string, name: string): string =>
  writeXml({ space, name, attributes: [], children: [] });

/** What every document of an answer begins with. */
export const PROLOGUE = '<?xml version="1.0" encoding="utf-8"?>\n';
