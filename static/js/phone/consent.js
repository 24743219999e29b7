// Where a photo may appear, told at once and without signal. The school's own rules as data (GET /api/phone); the school decides.

/** Everybody in a photo: at a face, and without one. */
export function pupilsIn(photo, others) {
  const faces = photo.faces.map((face) => face.is).filter((is) => is && !(is in others));
  return new Set([...faces, ...(photo.pictured ?? [])]);
}

/** Why a photo cannot go to each of these channels: {channel: sentence, or '' where it can}. No sentence names a pupil. */
export function barriers(photo, trip, rules, channels) {
  const inside = pupilsIn(photo, rules.others);
  const found = [...inside].map((id) => trip.pupils.find((pupil) => pupil.id === id));
  const why = (channel) => {
    if (!found.every((pupil) => pupil?.can_show[channel] === true)) return rules.sentences.no_consent; // no record is a no
    if (hides(photo, rules, channel)) return rules.sentences.no_faces;
    if (photo.pictured === null) return rules.sentences.unanswered;
    return inside.size === 1 && rules.group_only.includes(channel) ? rules.sentences.alone : '';
  };
  return Object.fromEntries(channels.map((channel) => [channel, why(channel)]));
}

/** Whether faces that were marked here may not be seen on this channel. The school looks for those that were not. */
function hides(photo, rules, channel) {
  return rules.no_faces.includes(channel) && photo.faces.some((face) => face.is !== 'not_a_face');
}

/** What stands beside a pupil's name: [words, whether it is a yes everywhere]. */
export function standing(pupil, trip, rules) {
  const no = trip.channels.filter((channel) => pupil.can_show[channel] !== true);
  if (!no.length) return ['can be shown everywhere', true];
  if (no.length === trip.channels.length) return ['cannot be shown', false];
  return [`not on: ${no.map((channel) => rules.channel_names[channel]).join(', ')}`, false];
}
