"""The fields of an answers file, the headers that name them, and the kinds of answers."""

from __future__ import annotations

from huitouke.insight.facts.headings import ORDER_FIELDS, Field, FieldSet, normalised

__all__ = ["ANSWER_FIELDS", "ANSWER_KINDS"]

ANSWER_FIELDS = FieldSet(
    "answers",
    (
        ORDER_FIELDS.field("customer_id"),
        Field(
            "answered_on",
            "moment",
            (
                """
                answered_on answered_at answer_date answer_time response_date responded_at
                response_time submitted_at submitted submission_date survey_date completed_at
                答题时间 回答时间 回答日期 填写时间 填写日期 提交时间 提交日期 填答时间
                答卷时间 评价时间 回覆時間 提交時間
                """,
                "date time datetime timestamp created_at created 日期 时间 創建時間 時間",
            ),
        ),
        Field(
            "kind",
            "label",
            (
                "kind question_kind answer_kind survey_kind metric 指标 题型 答案类型",
                """
                type question survey question_type survey_type item 类型 问题 题目 问卷 调查
                類型 問題 題目
                """,
            ),
        ),
        Field(
            "score",
            "measure",
            ("score rating value answer points stars 分数 得分 评分 打分 分值 星级 分數 評分",),
        ),
        Field(
            "text",
            "label",
            (
                """
                text comment comments verbatim feedback remark remarks reason review words
                文字 文本 评论 意见 反馈 原因 留言 内容 评价内容 開放題 評論 意見
                """,
            ),
        ),
    ),
)

_SPELLINGS = {
    "nps": "nps net_promoter recommend recommendation likelihood_to_recommend 推荐 推荐意愿 "
    "净推荐值 推薦意願",
    "satisfaction": "satisfaction csat satisfied overall overall_satisfaction 满意度 满意 "
    "总体满意度 整体满意度 滿意度",
    "expectation": "expectation expectations expected 期望 预期 事前期望 預期",
    "performance": "performance perceived perceived_performance experience 表现 实际感受 "
    "实际表现 体验 感知表现 表現",
    "disconfirmation": "disconfirmation versus_expectation vs_expectation 与期望相比 "
    "期望落差 与预期相比 落差 期望差 與期望相比",
}

#: Kind of an answer by the normalised word for it.
ANSWER_KINDS = {
    normalised(word): kind for kind, line in _SPELLINGS.items() for word in line.split()
}
