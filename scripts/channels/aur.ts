import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../packing/configuration.ts';
import { DESCRIPTION } from './description.ts';
import type { Release } from './release.ts';

/** What the packed Electron loads from the system, as packages of Arch. */
const NEEDS = ['alsa-lib', 'gtk3', 'libnotify', 'libsecret', 'libxss', 'nss', 'systemd-libs', 'xdg-utils'];

/** Arch Linux's user repository: a package of the released deb, with the udev rule. */
export function aur(release: Release): ReadonlyMap<string, string> {
  const { command, summary, license, name } = DESCRIPTION;
  const { repository, version } = release;
  // a version of Arch has no hyphen
  const pkgver = version.replaceAll('-', '_');
  const pkgname = `${command}-bin`;
  const sources = [['x86_64', 'x64'] as const, ['aarch64', 'arm64'] as const].map(([theirs, ours]) => {
    const { url, sha256 } = release.package('deb', ours);
    return { arch: theirs, source: `${command}-${pkgver}-${theirs}.deb::${url}`, sha256 };
  });
  // Arch asks for the text of this licence in every package
  const licence = {
    source: `${command}-${pkgver}-LICENSE::${repository}/raw/v${version}/LICENSE`,
    sha256: createHash('sha256')
      .update(fs.readFileSync(path.join(ROOT, 'LICENSE')))
      .digest('hex'),
  };
  return new Map([
    [
      'PKGBUILD',
      `# Maintainer: ${DESCRIPTION.developer.name}
pkgname=${pkgname}
pkgver=${pkgver}
pkgrel=1
pkgdesc='${summary}'
arch=('x86_64' 'aarch64')
url='${repository}'
license=('${license}')
depends=(${NEEDS.map((one) => `'${one}'`).join(' ')})
provides=('${command}')
conflicts=('${command}')
options=('!strip' '!debug')
source=('${licence.source}')
sha256sums=('${licence.sha256}')
noextract=(${sources.map(({ arch }) => `"${command}-\${pkgver}-${arch}.deb"`).join(' ')})
${sources
  .map(
    ({ arch, source, sha256 }) => `source_${arch}=('${source}')
sha256sums_${arch}=('${sha256}')
`,
  )
  .join('')}
prepare() {
  mkdir -p deb
  bsdtar -xf "\${srcdir}/${command}-\${pkgver}-\${CARCH}.deb" -C deb
}

package() {
  bsdtar -xf "\${srcdir}/deb/data.tar.xz" -C "\${pkgdir}"
  # zsh of Arch looks for completions in one folder
  mv "\${pkgdir}/usr/share/zsh/vendor-completions" "\${pkgdir}/usr/share/zsh/site-functions"
  install -dm755 "\${pkgdir}/usr/bin"
  ln -s /opt/${name}/${command} "\${pkgdir}/usr/bin/${command}"
  install -Dm644 "\${srcdir}/${command}-\${pkgver}-LICENSE" "\${pkgdir}/usr/share/licenses/\${pkgname}/LICENSE"
  # the sandbox of Chromium where user namespaces are switched off
  chmod 4755 "\${pkgdir}/opt/${name}/chrome-sandbox"
}
`,
    ],
    [
      '.SRCINFO',
      `pkgbase = ${pkgname}
	pkgdesc = ${summary}
	pkgver = ${pkgver}
	pkgrel = 1
	url = ${repository}
	arch = x86_64
	arch = aarch64
	license = ${license}
${NEEDS.map((one) => `	depends = ${one}\n`).join('')}	provides = ${command}
	conflicts = ${command}
${sources.map(({ arch }) => `	noextract = ${command}-${pkgver}-${arch}.deb\n`).join('')}	options = !strip
	options = !debug
	source = ${licence.source}
	sha256sums = ${licence.sha256}
${sources.map(({ arch, source, sha256 }) => `	source_${arch} = ${source}\n	sha256sums_${arch} = ${sha256}\n`).join('')}
pkgname = ${pkgname}
`,
    ],
  ]);
}
