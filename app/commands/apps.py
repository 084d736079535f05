"""What an institution calls from: its application systems and its joint nodes."""

from app.commands.advance import advance, done
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import permitted
from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.credentials import CLIENT_APP, JOINT_NODE, AppState, Attested, network
from app.domain.lifecycle import Lifecycle, Situation
from app.domain.refusals import Invalid
from app.store.situations import basics
from app.store.tables_institutions import ClientApp, Institution, JointNode
from app.store.unit import Act, begin


class Networks(Body):
    """From where the system calls: its allow-list of CIDR blocks."""

    networks: list[Text] = entry(
        "来源网段", "Networks", widget="textarea", min_length=1, max_length=50,
        help_zh="每行一个 CIDR 网段，不宽于 /16",
        help_en="one CIDR block a line, no wider than /16")


class NewApp(Networks):
    """An application system of an institution."""

    institution: Text = entry("机构", "Institution", default="", widget="select",
                              options="noun:institution", max_length=64)
    name: Text = entry("系统名称", "Name", min_length=2, max_length=100)
    users: list[Text] = entry("授权用户", "Users", default=[], widget="textarea", max_length=500)


@command("client_app.create", "登记应用系统", "Register an application system", creates=True)
def create(rt, caller: Caller, body: NewApp) -> Done:
    with begin(rt, caller) as act:
        permitted(act, "client_app", "create")
        owner = institution_of(act, body.institution)
        row = act.create(ClientApp, number=act.number("APP"), institution_id=owner.id,
                         name=body.name, state=str(AppState.ACTIVE), users=body.users,
                         networks=blocks(body.networks))
        _record(act, row, "create", number=row.number, networks=row.networks)
    return done(row)


@command("client_app.set_networks", "调整来源网段", "Set the networks", factor=True)
def set_networks(rt, caller: Caller, ref: str, body: Networks) -> Done:
    """The allow-list is replaced; calls from elsewhere are refused from the next decision on."""
    with begin(rt, caller) as act:
        row = act.open(ClientApp, ref)
        permitted(act, "client_app", "set_networks")
        was, row.networks = row.networks, blocks(body.networks)
        _record(act, row, "set_networks", was=was, networks=row.networks)
    return done(row)


@command("client_app.close", "停用", "Close", factor=True)
def close(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    with begin(rt, caller) as act:
        row = act.open(ClientApp, ref)
        step = _closed(act, CLIENT_APP, row, body.reason)
    return done(row, step)


class NewNode(Body):
    """A joint node of an institution."""

    institution: Text = entry("机构", "Institution", default="", widget="select",
                              options="noun:institution", max_length=64)
    name: Text = entry("节点名称", "Name", min_length=2, max_length=100)


@command("joint_node.create", "登记联合节点", "Register a joint node", creates=True)
def create_node(rt, caller: Caller, body: NewNode) -> Done:
    with begin(rt, caller) as act:
        permitted(act, "joint_node", "create")
        owner = institution_of(act, body.institution)
        row = act.create(JointNode, number=act.number("NODE"), institution_id=owner.id,
                         name=body.name, state=str(AppState.ACTIVE))
        _record(act, row, "create", number=row.number)
    return done(row)


class Attestation(Body):
    """What was found when the node was looked at."""

    image: Text = entry("镜像摘要", "Image digest", pattern=r"^sha256:[0-9a-f]{64}$")
    network: Text = entry("网络策略摘要", "Network policy digest", pattern=r"^sha256:[0-9a-f]{64}$")
    verifier: Text = entry("核验方", "Verifier", min_length=2, max_length=100)
    passed: bool = entry("核验通过", "Passed", default=False)


@command("joint_node.attest", "登记节点核验", "Record an attestation")
def attest(rt, caller: Caller, ref: str, body: Attestation) -> Done:
    """The newest attestation stands for the node; a failed one takes its use away at once."""
    with begin(rt, caller) as act:
        row = act.open(JointNode, ref)
        permitted(act, "joint_node", "attest")
        row.attestation = {"image": body.image, "network": body.network,
                           "verifier": body.verifier, "at": instant(act.at),
                           "result": str(Attested.PASS if body.passed else Attested.FAIL)}
        row.attested_at = act.at
        _record(act, row, "attest", stops=not body.passed, **row.attestation)
    return done(row)


@command("joint_node.close", "停用", "Close", factor=True)
def close_node(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    with begin(rt, caller) as act:
        row = act.open(JointNode, ref)
        step = _closed(act, JOINT_NODE, row, body.reason)
    return done(row, step)


def institution_of(act: Act, ref: str) -> Institution:
    """The institution a caller acts for: its own, or the one staff name.

    Raises:
        Invalid: staff named none. NotFound: it is not the caller's.
    """
    named = act.caller.institution or ref
    if not named:
        raise Invalid("请选择机构", "name the institution",
                      errors=[{"at": "institution", "zh": "必填", "en": "required"}])
    return act.open(Institution, named)


def blocks(networks: list[str]) -> list[str]:
    """The networks as CIDR blocks, each once.

    Raises:
        Invalid: naming the lines that are none.
    """
    found, wrong = {}, []
    for at, text in enumerate(networks):
        try:
            found[network(text)] = None
        except ValueError:
            wrong.append({"at": f"networks.{at}", "zh": f"第 {at + 1} 行不是合适的 CIDR 网段",
                          "en": f"line {at + 1} is not a suitable CIDR block"})
    if wrong:
        raise Invalid("来源网段有误", "a network is not a suitable CIDR block", errors=wrong)
    return list(found)


def _closed(act: Act, lifecycle: Lifecycle, row: ClientApp | JointNode, reason: str):
    situation = Situation(**basics(act.rt, act.session, act.caller, row, reason))
    step = advance(act, lifecycle, row, "close", situation)
    act.affects(row.noun, row.id, stops=True)
    return step


def _record(act: Act, row: ClientApp | JointNode, action: str, stops: bool = False,
            **facts) -> None:
    act.touch(row)
    act.record(f"{row.noun}.{action}", f"{row.noun}/{row.id}", institution=row.institution_id,
               **facts)
    act.affects(row.noun, row.id, stops=stops)
