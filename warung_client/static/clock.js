// Times as the shop's wall clock shows them, and as the engine wants them written.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'];
const ZONE_NAMES = { '+07:00': 'WIB', '+08:00': 'WITA', '+09:00': 'WIT' };

/** @type {Map<string, Intl.DateTimeFormat>} each is slow to make, and a till knows one zone */
const formats = new Map();

/** @param {string} timeZone */
function formatOf(timeZone) {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'longOffset',
  });
  formats.set(timeZone, made);
  return made;
}

/**
 * The wall clock of a time zone at a moment.
 * @param {number} atMs @param {string} timeZone @returns {Record<string, string>}
 */
function wallClock(atMs, timeZone) {
  const format = formatOf(timeZone);
  /** @type {Record<string, string>} */
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  return { ...parts, offset: parts.timeZoneName.replace('GMT', '') || '+00:00' };
}

/**
 * RFC 3339 with the offset of the shop's time zone.
 * @param {number} atMs @param {string} timeZone @returns {string}
 */
export function rfc3339(atMs, timeZone) {
  const at = wallClock(atMs, timeZone);
  return `${at.year}-${at.month}-${at.day}T${at.hour}:${at.minute}:${at.second}${at.offset}`;
}

/**
 * `09.14 WIB`
 * @param {string|number} when @param {string} timeZone @returns {string}
 */
export function hour(when, timeZone) {
  const at = wallClock(new Date(when).getTime(), timeZone);
  return `${at.hour}.${at.minute} ${ZONE_NAMES[at.offset] ?? ''}`.trim();
}

/**
 * `21 Nov 2026` from `2026-11-21`.
 * @param {string} day @returns {string}
 */
export function date(day) {
  const [year, month, number] = day.split('-').map(Number);
  return `${number} ${MONTHS[month - 1]} ${year}`;
}
