/** Numerics that refuse something, by the name an operator finds in the documentation, with what to do about them. */
const NAMES: Readonly<Record<string, string>> = {
  '401': 'ERR_NOSUCHNICK',
  '403': 'ERR_NOSUCHCHANNEL',
  '404': 'ERR_CANNOTSENDTOCHAN',
  '405': 'ERR_TOOMANYCHANNELS',
  '407': 'ERR_TOOMANYTARGETS',
  '408': 'ERR_NOCOLORSONCHAN',
  '437': 'ERR_UNAVAILRESOURCE',
  '439': 'ERR_TARGETTOOFAST',
  '441': 'ERR_USERNOTINCHANNEL',
  '442': 'ERR_NOTONCHANNEL',
  '448': 'ERR_FORBIDDENCHANNEL',
  '470': 'ERR_LINKCHANNEL',
  '471': 'ERR_CHANNELISFULL',
  '473': 'ERR_INVITEONLYCHAN',
  '474': 'ERR_BANNEDFROMCHAN',
  '475': 'ERR_BADCHANNELKEY',
  '476': 'ERR_BADCHANMASK',
  '477': 'ERR_NEEDREGGEDNICK',
  '478': 'ERR_BANLISTFULL',
  '479': 'ERR_BADCHANNAME',
  '480': 'ERR_THROTTLE',
  '482': 'ERR_CHANOPRIVSNEEDED',
  '485': 'ERR_CHANBANREASON',
  '486': 'ERR_NONONREG',
  '489': 'ERR_SECUREONLYCHAN',
  '495': 'ERR_DELAYREJOIN',
  '500': 'ERR_TOOMANYJOINS',
  '520': 'ERR_OPERONLY',
  '531': 'ERR_CANTSENDTOUSER',
  '716': 'ERR_TARGUMODEG',
  '926': 'ERR_BADCHANNEL',
};

/** Names that belong to no answer to JOIN. */
const NOT_OF_JOIN: readonly string[] = [
  ...['401', '404', '407', '408', '441', '442', '478', '482', '486', '531', '716'],
];

const JOIN_FIXES: Readonly<Record<string, string>> = {
  '405': 'Take some channels off this network',
  '470': 'Name the channel that it forwards to',
  '473': 'Invite "{nick}", or remove {channel} from its room',
  '474': 'Unban "{nick}", or remove {channel} from its room',
  '475': 'Give the right `key` beside the channel',
  '477': 'Log in with `sasl` or `services`',
  '489': 'Set `tls: true`',
};

/** Answers to JOIN that name the channel as their second parameter. */
export const JOIN_REFUSALS: readonly string[] = Object.keys(NAMES).filter(
  (numeric) => !NOT_OF_JOIN.includes(numeric),
);

/** Answers to PRIVMSG and NOTICE that name the target as their second parameter. */
export const SEND_REFUSALS: readonly string[] = [
  '403',
  '404',
  '407',
  '408',
  '439',
  '442',
  '477',
  '482',
  '489',
];

/**
 * The same where the target is a nick. Not RPL_AWAY (301), which comes beside the message, nor RPL_TARGNOTIFY (717), which
 * follows 716.
 */
export const PERSON_REFUSALS: readonly string[] = [
  '401',
  '404',
  '407',
  '408',
  '439',
  '477',
  '486',
  '489',
  '531',
  '716',
];

export function numericName(numeric: string): string {
  const name = NAMES[numeric];
  return name === undefined ? numeric : `${numeric} ${name}`;
}

/** `474 ERR_BANNEDFROMCHAN: Cannot join channel (+b). Unban "parley", or remove #ops from its room.` */
export function joinRefusal(numeric: string, text: string, channel: string, nick: string): string {
  const fix = JOIN_FIXES[numeric]?.replace('{nick}', nick).replace('{channel}', channel);
  const said = text === '' ? '' : `: ${text.replace(/\.$/, '')}`;
  return `${numericName(numeric)}${said}${fix === undefined ? '' : `. ${fix}.`}`;
}
