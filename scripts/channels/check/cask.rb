# Reads a Homebrew cask as Homebrew would on each processor, and prints what it says as JSON. An unknown stanza, or one
# out of Homebrew's order (Cask Cookbook, "Stanza order"), is an error.
require 'json'

ORDER = %i[arch version sha256 url name desc homepage livecheck depends_on app zap].freeze

class Cask
  attr_reader :said

  def initialize(cpu)
    @cpu = cpu
    @said = {}
    @last = -1
  end

  def arch(**names)
    return @said[:arch] if names.empty?
    note(:arch, names.fetch(@cpu))
  end

  def version(number = nil)
    number.nil? ? @said[:version] : note(:version, number)
  end

  def sha256(**digests)
    note(:sha256, digests.fetch(@cpu))
  end

  %i[url name desc homepage app].each { |stanza| define_method(stanza) { |value| note(stanza, value) } }

  def livecheck(&block)
    note(:livecheck, true)
    Livecheck.new.instance_eval(&block)
  end

  def depends_on(macos:)
    note(:depends_on, macos)
  end

  def zap(trash:)
    note(:zap, trash)
  end

  private

  def note(stanza, value)
    place = ORDER.index(stanza)
    raise "#{stanza} is out of order" if place < @last
    raise "#{stanza} appears twice" if @said.key?(stanza)
    @last = place
    @said[stanza] = value
  end
end

class Livecheck
  def url(from)
    raise 'livecheck: no such url' unless %i[url homepage].include?(from)
  end

  def strategy(name)
    raise 'livecheck: no such strategy' unless %i[github_latest github_releases].include?(name)
  end
end

text = File.read(ARGV.fetch(0))
result = %i[arm intel].map do |cpu|
  token = nil
  cask = Cask.new(cpu)
  define_singleton_method(:cask) do |name, &block|
    token = name
    cask.instance_eval(&block)
  end
  eval(text, binding, ARGV[0])
  [cpu, cask.said.merge(token: token)]
end
puts JSON.generate(result.to_h)
