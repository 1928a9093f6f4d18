/**
 * The loopback host's key. It comes once, in the address the host printed; then it is taken out of the address bar,
 * so that it neither stays in the history nor is copied along with the address.
 */
const KEY = 'replug-token';

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
