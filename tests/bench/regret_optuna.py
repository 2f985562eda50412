"""The rows of regret.c for Optuna's samplers: regret_optuna.py [SEEDS]"""
import sys
import time
import warnings

import numpy as np
import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

HEIGHT = np.array([1, 1.2, 3, 3.2])
SLOPE = np.array([[10, 3, 17, 3.5, 1.7, 8], [.05, 10, 17, .1, 8, 14],
                  [3, 3.5, 1.7, 10, 17, 8], [17, 8, .05, 10, .1, 14]])
AT = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886],
                      [2329, 4135, 8307, 3736, 1004, 9991],
                      [2348, 1451, 3522, 2883, 3047, 6650],
                      [4047, 8828, 8732, 5743, 1091, 381]])


def branin(trial):
    x, y = trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)
    bend = y - 5.1 / (4 * np.pi ** 2) * x * x + 5 / np.pi * x - 6
    return bend ** 2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10


def hartmann6(trial):
    x = np.array([trial.suggest_float(name, 0, 1) for name in "abcdef"])
    return -np.sum(HEIGHT * np.exp(-np.sum(SLOPE * (x - AT) ** 2, 1)))


def mixed(trial):
    """As in regret.c."""
    optimizer = trial.suggest_categorical(
        "optimizer", ["adam", "momentum", "sgd"])
    tanh = trial.suggest_categorical("activation", ["relu", "tanh"]) == "tanh"
    schedule = trial.suggest_categorical(
        "schedule", ["constant", "cosine", "step"])
    rate = np.log10(trial.suggest_float("learning_rate", 1e-5, 1, log=True))
    decay = np.log10(trial.suggest_float("weight_decay", 1e-7, .1, log=True))
    dropout = trial.suggest_float("dropout", 0, .8)
    y = {"adam": .02, "momentum": 0, "sgd": .05}[optimizer]
    y += (.03 if schedule == "constant" else 0) + (.02 if tanh else 0)
    if optimizer == "momentum":
        momentum = trial.suggest_float("momentum", 0, .99)
        rate -= np.log10(1 - momentum)
        y += .1 * (momentum - .85) ** 2
    if schedule == "step":
        factor = trial.suggest_float("schedule_factor", .05, .95)
        y += .1 * (factor - .3) ** 2
    else:
        y += .01
    rate -= {"adam": -3, "momentum": -1, "sgd": -.6}[optimizer]
    rate -= .7 if tanh else 0
    steep = {"adam": .03, "momentum": .08, "sgd": .05}[optimizer]
    y += .9 * (1 - np.exp(-steep * rate * rate))
    y += .4 * (dropout - (.1 if tanh else .4)) ** 2
    return y + .01 * (decay + 5 - 2.5 * dropout) ** 2


def search(function, trials, sampler):
    study = optuna.create_study(sampler=sampler)
    study.optimize(function, n_trials=trials)
    return study.best_value


def main():
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    samplers = {"optuna-random": optuna.samplers.RandomSampler,
                "optuna-tpe": optuna.samplers.TPESampler}
    for name, function, least, trials, share in (
            ("branin50", branin, .39788735772973816, 50, 1),
            ("hartmann6_100", hartmann6, -3.322368011415515, 100, 1),
            ("mixed60", mixed, 0, 60, 1),
            ("cost200", hartmann6, -3.322368011415515, 200, 10)):
        random = None
        for method, sampler in samplers.items():
            before = time.process_time()
            n = -(-seeds // share)
            regret = np.array([search(function, trials, sampler(seed=s))
                               for s in range(n)]) - least
            ms = (time.process_time() - before) * 1000 / (n * trials)
            random = regret if random is None else random
            wins = np.mean(regret < random) + np.mean(regret == random) / 2
            print("%s,%s,%d,%.4f,%.4f,%.4f,%.2f,%.2f,%.4f" % (
                method, name, n, *np.quantile(regret, [.5, .25, .75]),
                np.mean(regret <= .01), wins, ms), flush=True)


main()
