#include "report/html_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace bv {
namespace {

TEST(HtmlText, NoTextBecomesMarkup) {
  EXPECT_EQ(HtmlText("<img src=\"x\" onerror='f()'> & co"),
            "&lt;img src=&quot;x&quot; onerror=&#39;f()&#39;&gt; &amp; co");
  EXPECT_EQ(HtmlText("Köln 東京 🏝"), "Köln 東京 🏝");
}

TEST(HtmlText, BrokenUtf8AndControlsBecomeReplacementCharacters) {
  EXPECT_EQ(HtmlText("a\xff\x01"
                     "b\n"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b\n");
}

TEST(JsonForScript, NothingInItEndsAScriptAndItReadsBackTheSame) {
  const OrderedJson json = {{"text", "</script><!--<script>]]> & \u2028"}, {"bytes", "ok"}};
  const std::string text = JsonForScript(json);
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(OrderedJson::parse(text), json);
  EXPECT_EQ(OrderedJson::parse(JsonForScript("a\xff")).get<std::string>(), "a\uFFFD");
}

TEST(FillTemplate, PutsValuesInOnceAndDoesNotLookAtThemAgain) {
  EXPECT_EQ(FillTemplate("<{{a}}> {{b}} {{a}}", {{"a", "{{b}}"}, {"b", "2"}}), "<{{b}}> 2 {{b}}");
  EXPECT_EQ(FillTemplate("plain", {}), "plain");
}

TEST(FillTemplate, RefusesNamesAndValuesWithoutEachOther) {
  EXPECT_THROW(FillTemplate("{{a}}", {}), Error);
  EXPECT_THROW(FillTemplate("{{a", {{"a", "1"}}), Error);
  EXPECT_THROW(FillTemplate("{{a}}", {{"a", "1"}, {"b", "2"}}), Error);
}

}  // namespace
}  // namespace bv
