/** Why a machine is not let in, and what to do. */
import { ParleyError } from '../errors.js';

export function cannotInvite(reason: string): ParleyError {
  return new ParleyError('CLUSTER_INVALID', `this node cannot invite others: ${reason}`, {
    fix: 'Invite from a member that has "node.cluster" in its config and the key of the CA in its store.',
  });
}

export function refused(reason: string): ParleyError {
  return new ParleyError('INVITATION_REFUSED', `the invitation is refused: ${reason}`, {
    fix: 'Make a new line with `parley node invite`; each lets one machine in.',
  });
}

export function nameTaken(name: string): ParleyError {
  return new ParleyError('INVITATION_REFUSED', `a node "${name}" is a member already`, {
    fix: 'Give the new one another name: `parley node join --name …`. The invitation can still be used.',
  });
}

export function growing(): ParleyError {
  return new ParleyError('INVITATION_REFUSED', 'the cluster is being formed right now', {
    fix: 'Try the same line again in a minute.',
  });
}
