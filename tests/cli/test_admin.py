"""`./hufu admin`: the first three administrators from the command line, once."""

from app.cli.__main__ import main
from app.queries.accounts import AccountFilters, accounts
from tests.conftest import caller

THREE = ["--sys", "li.sys", "李某", "--sec", "wang.sec", "王某", "--aud", "zhao.aud", "赵某"]


def test_A08_the_three_are_named_once_and_the_links_are_printed_once(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("HUFU_DATABASE_URL", raising=False)
    data = ["--data", str(tmp_path / "zone")]
    assert main(["admin", "create-first", *THREE[:4], "!", *THREE[5:], *data]) == 1
    assert main(["admin", "first-link", *data]) == 0
    assert "/first/" in capsys.readouterr().out
    assert main(["admin", "create-first", *THREE, *data]) == 0
    printed = capsys.readouterr().out
    assert printed.count("/invitations/") == 3 and "系统管理员" in printed
    for again in (["create-first", *THREE], ["first-link"]):
        assert main(["admin", *again, *data]) == 1
        assert "ACCOUNT.NOT_FIRST" in capsys.readouterr().err


def test_the_accounts_named_have_one_administration_each(rt):
    from app.commands.first_administrators import FirstAdministrators, create_first

    create_first(rt, FirstAdministrators(sys_login="li.sys", sys_name="李某", sec_login="wang.sec",
                                         sec_name="王某", aud_login="zhao.aud", aud_name="赵某"))
    lines = accounts(rt, caller("x", "AUDITOR"), AccountFilters()).items
    assert [(line.login, line.roles, line.state) for line in lines] == [
        ("li.sys", ("SYS_ADMIN",), "INVITED"), ("wang.sec", ("SEC_ADMIN",), "INVITED"),
        ("zhao.aud", ("AUD_ADMIN",), "INVITED")]
