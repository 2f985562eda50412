#!/usr/bin/python3
"""Makes anova.csv and anova.txt, for tests/unit/test_functional_anova.c.

anova.csv: 120 rows of x0 … x4 and y, and what scikit-learn predicts for each:
a tree of depth 4 with at least 3 rows a leaf, and 30 boosted trees of depth 3.
anova.txt: what fANOVA of Optuna 3.1 says of y (NAME VALUE).

    /usr/bin/python3 tests/data/search/make_anova.py
"""

import os

import numpy as np
import optuna
from optuna.distributions import FloatDistribution
from optuna.importance import FanovaImportanceEvaluator
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

HERE = os.path.dirname(os.path.abspath(__file__))
N, D = 120, 5

rng = np.random.default_rng(3)
x = rng.random((N, D)).round(6)
# Shares of the variance over the cube: .6, .3, .1.
y = (np.sqrt([0.6, 0.3, 0.1, 0, 0]) * x).sum(axis=1).round(9)

tree = DecisionTreeRegressor(max_depth=4, min_samples_leaf=3, random_state=0)
boost = GradientBoostingRegressor(n_estimators=30, max_depth=3, random_state=0,
                                  min_samples_leaf=2, learning_rate=0.1,
                                  criterion="squared_error")
p_tree = tree.fit(x, y).predict(x)
p_boost = boost.fit(x, y).predict(x)
with open(os.path.join(HERE, "anova.csv"), "w") as out:
    out.write("x0,x1,x2,x3,x4,y,tree,boost\n")
    for row in np.column_stack([x, y, p_tree, p_boost]):
        out.write(",".join("%.9g" % v for v in row) + "\n")

optuna.logging.set_verbosity(optuna.logging.ERROR)
names = ["x%d" % i for i in range(D)]
study = optuna.create_study()
study.add_trials([
    optuna.trial.create_trial(
        params=dict(zip(names, map(float, row))), value=float(value),
        distributions={name: FloatDistribution(0, 1) for name in names})
    for row, value in zip(x, y)])
shares = FanovaImportanceEvaluator(n_trees=256, seed=1).evaluate(study)
with open(os.path.join(HERE, "anova.txt"), "w") as out:
    for name in names:
        out.write("%s %.6f\n" % (name, shares[name]))
