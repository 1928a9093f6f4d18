import { translationsOf } from '../packing/translated.ts';
import { DESCRIPTION } from './description.ts';
import type { Release } from './release.ts';

/** What AppStream is told about a release; also what deb and rpm install. */
export type Announced = Pick<Release, 'version' | 'date' | 'repository'>;

/** Its place below `/usr`. */
export const METAINFO = `share/metainfo/${DESCRIPTION.id}.metainfo.xml`;

/**
 * AppStream's description of the program, which software centers show.
 * `desktopFile` is the name of the menu entry that comes with it.
 */
export function metainfo({ version, date, repository }: Announced, desktopFile: string): string {
  const { name, command, id, developer, license, summary, paragraphs, features } = DESCRIPTION;
  const picture = (file: string): string =>
    `${repository.replace('https://github.com/', 'https://raw.githubusercontent.com/')}/v${version}/docs/images/${file}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>${id}</id>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>${license}</project_license>
  <name>${text(name)}</name>
  <summary>${text(summary)}</summary>
${translationsOf(summary)
  .map((one) => `  <summary xml:lang="${one.posix}">${text(one.text)}</summary>`)
  .join('\n')}
  <developer id="${developer.id}">
    <name>${text(developer.name)}</name>
  </developer>
  <description>
${paragraphs.map((one) => `    <p>${text(one)}</p>`).join('\n')}
    <ul>
${features.map((one) => `      <li>${text(one)}</li>`).join('\n')}
    </ul>
  </description>
  <launchable type="desktop-id">${desktopFile}</launchable>
  <icon type="stock">${desktopFile.replace(/\.desktop$/, '')}</icon>
  <url type="homepage">${text(repository)}</url>
  <url type="bugtracker">${text(repository)}/issues</url>
  <url type="vcs-browser">${text(repository)}</url>
  <categories>
${DESCRIPTION.categories.map((one) => `    <category>${one}</category>`).join('\n')}
  </categories>
  <keywords>
${DESCRIPTION.keywords.map((one) => `    <keyword>${text(one)}</keyword>`).join('\n')}
  </keywords>
  <screenshots>
${DESCRIPTION.screenshots
  .map(
    ({ file, caption }, index) => `    <screenshot${index === 0 ? ' type="default"' : ''}>
      <caption>${text(caption)}</caption>
      <image>${text(picture(file))}</image>
    </screenshot>`,
  )
  .join('\n')}
  </screenshots>
  <provides>
    <binary>${command}</binary>
    <modalias>${DESCRIPTION.hardware}</modalias>
  </provides>
  <content_rating type="oars-1.1" />
  <releases>
    <release version="${version.replace('-', '~')}" date="${date}" type="${version.includes('-') ? 'development' : 'stable'}">
      <url>${text(repository)}/releases/tag/v${version}</url>
    </release>
  </releases>
</component>
`;
}

const text = (plain: string): string => plain.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
