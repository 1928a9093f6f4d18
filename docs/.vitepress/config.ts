// The site that `npm run docs` makes of this folder (scripts/docs.ts).
import { defineConfig, type DefaultTheme } from 'vitepress';

const page = (text: string, name: string): DefaultTheme.SidebarItem => ({ text, link: `/${name}` });

/** Every page is in one of these groups; tests/distribution/docs.test.ts looks. */
const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Using Replug',
    items: [
      page('Questions and answers', 'faq'),
      page('Folder sync', 'sync'),
      page('Photos', 'photos'),
      page('The phone as a drive', 'drive'),
      page('The catalogue', 'catalogue'),
      page('Phones', 'phones'),
      page('Reliability', 'reliability'),
      page('Performance', 'performance'),
    ],
  },
  {
    text: 'How it is made',
    items: [
      page('Architecture', 'architecture'),
      page('Glossary', 'glossary'),
      page('The desktop app', 'desktop'),
      page('Windows', 'windows'),
      page('Words and languages', 'translating'),
      page('Dependencies', 'dependencies'),
      page('Releasing', 'releasing'),
    ],
  },
  {
    text: 'Phones and USB',
    items: [
      page('Field notes on MTP', 'mtp-field-notes'),
      page('Awkward phones', 'awkward-phones'),
      page('USB bus in user space', 'usb-bus'),
      page('USB lab', 'usb-lab'),
    ],
  },
];

const repository = process.env['REPLUG_HOMEPAGE'];

export default defineConfig({
  title: 'Replug',
  description: 'Move files to and from Android phones, with transfers that resume',
  lang: 'en',
  // the folder of the site on its host, such as /replug/
  base: process.env['REPLUG_DOCS_BASE'] ?? '/',
  outDir: process.env['REPLUG_DOCS_INTO'] ?? '../.cache/site',
  cacheDir: '../.cache/vitepress',
  cleanUrls: true,
  // a link to a page that is not there ends the build
  ignoreDeadLinks: false,
  themeConfig: {
    search: { provider: 'local' },
    sidebar,
    outline: [2, 3],
    ...(repository === undefined ? {} : { socialLinks: [{ icon: 'github', link: repository }] }),
  },
});
