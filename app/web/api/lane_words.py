"""What the members of a question and of an answer mean, Chinese first."""

ABOUT = ("""\
AuthZEN 1.0。拒绝也是 200：`decision` 为 false，`context.reasons` 列出全部不通过的维度。
4xx 表示调用本身有误；5xx 或超时须按拒绝处理。
`client_app` 对 `product` 的询问按授权判定，其余按通用属性策略判定。
已知成员形式有误时答 `REQ.MALFORMED`；其他未知成员忽略，
但声称限制结果的成员答 `REQ.UNKNOWN_ATTRIBUTE`：{restricting}。""", """\
A denial is 200 with `decision` false; `context.reasons` lists every dimension that failed.
4xx means the call itself was wrong; on 5xx or timeout the enforcement point denies.
Questions of a `client_app` about a `product` are decided by grants, others by attribute policies.
A known member of the wrong form is denied with `REQ.MALFORMED`; other unknown members are ignored,
except those above that claim to restrict, which are denied with `REQ.UNKNOWN_ATTRIBUTE`.""")

ABOUT_SEARCH = ("""\
AuthZEN 1.0。未知的编号或类型没有结果，不是错误。每项结果都经同一判定允许，
但不开放数据，也不入轨迹：使用前仍须询问。`client_app` 对 `product` 的搜索只含本凭证的应用；
所寻资源的 `properties`（地区、字段等）随问，操作的结果写明渠道与环境。
每页至多 1000 项、至多判定 1000 次；续页须带 `page.next_token` 的值，其余内容不变。""", """\
AuthZEN 1.0. Unknown ids and types have no results; that is no error. Every result was permitted by
the same decision, yet it opens nothing and is not recorded: ask before use. For a `client_app` and
a `product` only applications of this credential are seen; `properties` sent for the resource sought
(region, fields) are asked with it, and actions come with channel and environment. A page holds at
most 1000 results and takes at most 1000 decisions; the next one is asked for with the value of
`page.next_token` and everything else unchanged.""")

SEARCHES = {
    "subject": ("搜索主体：谁可以", "Search subjects: who may"),
    "resource": ("搜索资源：可用什么", "Search resources: on what"),
    "action": ("搜索操作：可做什么", "Search actions: by which action"),
}

MEANINGS = {
    "page": ("分页", "page"),
    "subject": ("调用方应用", "the calling application"),
    "action": ("操作", "the action"),
    "resource": ("产品及范围", "the product and what of it"),
    "context": ("目的与授权", "purpose and grant"),
    "options": ("批量方式", "how a batch is evaluated"),
    "institution": ("机构编号，与登记核对", "institution, checked with the registry"),
    "branch": ("分支机构", "branch"),
    "user": ("操作人", "the person at the caller"),
    "user_auth_level": ("操作人认证强度", "how strongly that person was authenticated"),
    "credential": ("声称的凭证，与所示凭证核对", "the credential claimed, checked with the shown"),
    "channel": ("渠道，产品判定必填", "channel, needed for products"),
    "environment": ("环境，产品判定必填", "environment, needed for products"),
    "node": ("联合建模节点", "joint node"),
    "batch_size": ("批量条数", "how many rows in one call"),
    "version": ("产品版本，缺省为授权所定", "product version, else the pinned one"),
    "fields": ("字段，缺省为该版本全部", "fields, else all of the version"),
    "region": ("行政区划代码", "region code"),
    "industry": ("行业代码", "industry code"),
    "lookback_from": ("数据起始日", "first day looked back to"),
    "data_subject": ("数据主体；号码只留密钥哈希", "whom it is about; only a keyed hash is kept"),
    "kind": ("主体类型", "kind of data subject"),
    "id": ("主体号码", "number of the data subject"),
    "purpose": ("末级目的代码", "a leaf of the purpose tree"),
    "grant": ("授权编号；缺省须唯一可用", "grant, else exactly one must be eligible"),
    "subject_authorization": ("主体授权凭据", "authorization of the data subject"),
    "business_ref": ("业务编号", "business number"),
    "time": ("请求时间，偏差过大则拒绝", "time of the call, within the allowed skew"),
    "ip": ("终端地址", "address of the terminal"),
    "field_mode": ("超范围字段：拒绝或剔除", "fields outside: deny or drop"),
    "trace_id": ("跟踪号", "trace id"),
    "min_epoch": ("至少达到的策略时期", "an epoch the answer must not be older than"),
    "supported_obligations": ("执行点能执行的义务类型", "types of obligation it can carry out"),
    "supported_kinds": ("执行点能执行的义务种类", "kinds of obligation it can carry out"),
}

# What an answer's context holds; the first ones are always there.
ANSWERED = ("decision_id", "decided_at", "epoch")
MEMBER_OF_ANSWER = {
    "decision_id": ("判定编号，可供查询与解释", "by which the decision is found and explained"),
    "decided_at": ("判定时间", "when it was decided"),
    "epoch": ("策略时期", "policy epoch"),
    "evaluation_id": ("同判定编号", "the same as the decision id"),
    "valid_until": ("可缓存至", "may be kept until"),
    "policy_version": ("规则集摘要", "digest of the rulebooks"),
    "policy_digest": ("所依授权行的摘要", "digest of the grant's lines"),
    "dimensions": ("各维度结果", "result of each dimension"),
    "reasons": ("全部不通过的理由", "every reason against it"),
    "grant": ("所依授权及版本", "the grant and its version"),
    "chain": ("授权链", "the authority chain"),
    "fields_effective": ("各字段的处理方式", "treatment of each field"),
    "obligations": ("须执行的义务", "what the enforcement point must carry out"),
    "legal_basis": ("个人字段的合法性基础", "legal basis of personal fields"),
    "reason_user": ("可读给当事人的一句话", "a sentence that may be read to a person"),
    "access_request": ("可补救时的办理入口", "where a case can be opened, when one would mend it"),
}
