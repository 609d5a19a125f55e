#include "bert/multiply_adds.h"

#include <gtest/gtest.h>

namespace bv {
namespace {

TEST(MultiplyAdds, AreTheHandCountedOnesOfBertBase) {
  // A layer: 768 x 2304 + 768 x 768 + 768 x 3072 + 3072 x 768 = 7,077,888; twelve of them.
  EXPECT_EQ(LinearMultiplyAdds(1, 768, 3072), 7'077'888);
  EXPECT_EQ(LinearMultiplyAdds(12, 768, 3072), 84'934'656);
  // In a window of 384: 384 x 768 for the scores, as many for the sum.
  EXPECT_EQ(AttentionMultiplyAdds(1, 768, 384), 589'824);
  EXPECT_EQ(AttentionMultiplyAdds(12, 768, 384), 7'077'888);
}

TEST(MultiplyAdds, AreThoseOfMiniLmWhoseFeedForwardIsFourTimesItsWidth) {
  EXPECT_EQ(LinearMultiplyAdds(6, 384, 1536), 6 * 12 * 384 * 384);
}

TEST(MultiplyAdds, OfALayerAreThoseOfItsFourProducts) {
  const auto shapes = LayerProducts(20, 36);
  EXPECT_EQ(shapes[0].in, 20);
  EXPECT_EQ(shapes[0].out, 60);
  EXPECT_EQ(shapes[1].out, 20);
  EXPECT_EQ(shapes[2].out, 36);
  EXPECT_EQ(shapes[3].in, 36);
  EXPECT_EQ(LinearMultiplyAdds(2, 20, 36), 2 * (1200 + 400 + 720 + 720));
}

}  // namespace
}  // namespace bv
