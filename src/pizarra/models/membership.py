"""Who belongs to a session, as the database is asked it: each rule in one text, however many questions have it.

A question that uses one joins participants with their session. `access/rules.py` says the same of a person in hand.
"""

from sqlalchemy import and_, or_

from pizarra.models.participant import Participant, Role
from pizarra.models.session import InterviewSession

_person, _session = Participant.__table__.c, InterviewSession.__table__.c

# A rotation of links ends all of them; who came by none has nothing to lose.
LINK_HOLDS = or_(_person.invitation.is_(None), _person.generation == _session.invitation_generation)
CAME = and_(_person.removed_at.is_(None), _person.admitted_at.is_not(None))
WAITS = and_(
    _person.removed_at.is_(None),
    _person.admitted_at.is_(None),
    _person.generation == _session.invitation_generation,
)
# Of them, whoever closed the page that waits does not stand in the hosts' list; `max_waiting` counts them all the same.
IS_AT_THE_DOOR = and_(WAITS, _person.left_at.is_(None))
# Who waits, was taken out again or has a link that was replaced has no say.
INTERVIEWS = and_(
    CAME, LINK_HOLDS, _person.role.in_([role.value for role in Role if role.may_host])
)
