import { DESCRIPTION } from './description.ts';
import type { Release } from './release.ts';

/** A cask. Homebrew takes it only for an app that is signed and notarised. */
export function homebrew(release: Release): ReadonlyMap<string, string> {
  const { name, command, summary } = DESCRIPTION;
  const { repository, version } = release;
  const arm = release.package('dmg', 'arm64');
  const intel = release.package('dmg', 'x64');
  const url = arm.url.replaceAll(version, '#{version}').replace('arm64', '#{arch}');
  return new Map([
    [
      `Casks/${command}.rb`,
      `cask "${command}" do
  arch arm: "arm64", intel: "x64"

  version "${version}"
  sha256 arm:   "${arm.sha256}",
         intel: "${intel.sha256}"

  url "${url}"
  name "${name}"
  desc "${summary}"
  homepage "${repository}"

  livecheck do
    url :url
    strategy :github_latest
  end

  depends_on macos: ">= :monterey"

  app "${name}.app"

  zap trash: [
    "~/Library/Application Support/${name}",
    "~/Library/Preferences/app.replug.desktop.plist",
    "~/Library/Saved Application State/app.replug.desktop.savedState",
  ]
end
`,
    ],
  ]);
}
