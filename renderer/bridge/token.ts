/**
 * The token of the loopback host. It arrives in the address that the host printed and is then removed from the
 * address bar, so that it stays out of the history and is not copied along with the address.
 */
const KEY = 'replug-token';

/** The token in the fragment or query of the address, else the one this tab remembers; empty if there is none. */
export function takeToken(place: Location, history: History, memory: Storage): string {
  const fromHash = new URLSearchParams(place.hash.slice(1)).get('token');
  const query = new URLSearchParams(place.search);
  const given = fromHash ?? query.get('token');
  if (given !== null && given !== '') {
    memory.setItem(KEY, given);
    query.delete('token');
    const rest = query.toString();
    history.replaceState(null, '', place.pathname + (rest === '' ? '' : `?${rest}`));
    return given;
  }
  return memory.getItem(KEY) ?? '';
}
