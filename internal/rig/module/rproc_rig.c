// SPDX-License-Identifier: GPL-2.0
/*
 * Two remote processors that exist in memory only: "modem" boots from firmware, "m4" is found running
 * (DETACHED). Both have a wakeup source. Their operations take as long, and fail, as the parameters say;
 * everything else is the kernel's own remoteproc core.
 *
 * Writing the number of a processor to the parameter crash reports a crash of it from a hard interrupt.
 */
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pm_wakeup.h>
#include <linux/remoteproc.h>
#include <linux/version.h>

#define NUM 2

static unsigned int slow_ms;
module_param(slow_ms, uint, 0644);
MODULE_PARM_DESC(slow_ms, "how long start, stop, attach and detach take");

static bool start_fails;
module_param(start_fails, bool, 0644);
MODULE_PARM_DESC(start_fails, "start and attach fail");

static bool stop_fails;
module_param(stop_fails, bool, 0644);
MODULE_PARM_DESC(stop_fails, "stop and detach fail");

struct rig {
	struct rproc *rproc;
	struct irq_work crash;
};

static struct platform_device *pdevs[NUM];
static struct rig *rigs[NUM];

static int come(struct rproc *rproc)
{
	msleep(slow_ms);
	return start_fails ? -EIO : 0;
}

static int go(struct rproc *rproc)
{
	msleep(slow_ms);
	return stop_fails ? -EIO : 0;
}

static int load(struct rproc *rproc, const struct firmware *fw)
{
	return 0;
}

static const struct rproc_ops ops = {
	.start = come,
	.stop = go,
	.attach = come,
	.detach = go,
	.load = load,
};

static void crashed(struct irq_work *work)
{
	struct rig *rig = container_of(work, struct rig, crash);

	rproc_report_crash(rig->rproc, RPROC_FATAL_ERROR);
}

static int crash_set(const char *val, const struct kernel_param *kp)
{
	unsigned int i;
	int ret = kstrtouint(val, 0, &i);

	if (ret)
		return ret;
	if (i >= NUM || !rigs[i])
		return -ENODEV;
	irq_work_queue(&rigs[i]->crash);
	return 0;
}

static const struct kernel_param_ops crash_ops = { .set = crash_set };
module_param_cb(crash, &crash_ops, NULL, 0200);
MODULE_PARM_DESC(crash, "report a crash of this processor");

static int rig_probe(struct platform_device *pdev)
{
	static const char * const names[NUM] = { "modem", "m4" };
	struct rproc *rproc;
	struct rig *rig;
	int ret;

	rproc = rproc_alloc(&pdev->dev, names[pdev->id], &ops, "rig.fw", sizeof(*rig));
	if (!rproc)
		return -ENOMEM;
	rig = rproc->priv;
	rig->rproc = rproc;
	init_irq_work(&rig->crash, crashed);
	rproc->auto_boot = false;
	if (pdev->id == 1)
		rproc->state = RPROC_DETACHED;
	device_init_wakeup(&pdev->dev, true);
	platform_set_drvdata(pdev, rig);
	ret = rproc_add(rproc);
	if (ret) {
		device_init_wakeup(&pdev->dev, false);
		rproc_free(rproc);
		return ret;
	}
	rigs[pdev->id] = rig;
	return 0;
}

static void rig_gone(struct platform_device *pdev)
{
	struct rig *rig = platform_get_drvdata(pdev);

	rigs[pdev->id] = NULL;
	irq_work_sync(&rig->crash);
	rproc_del(rig->rproc);
	device_init_wakeup(&pdev->dev, false);
	rproc_free(rig->rproc);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static int rig_remove(struct platform_device *pdev)
{
	rig_gone(pdev);
	return 0;
}
#else
#define rig_remove rig_gone
#endif

static struct platform_driver rig_driver = {
	.probe = rig_probe,
	.remove = rig_remove,
	.driver = { .name = "rproc-rig" },
};

static void rig_exit(void)
{
	int i;

	for (i = 0; i < NUM; i++)
		platform_device_unregister(pdevs[i]);
	platform_driver_unregister(&rig_driver);
}

static int __init rig_init(void)
{
	int i, ret = platform_driver_register(&rig_driver);

	if (ret)
		return ret;
	for (i = 0; i < NUM; i++) {
		pdevs[i] = platform_device_register_simple("rproc-rig", i, NULL, 0);
		if (IS_ERR(pdevs[i])) {
			ret = PTR_ERR(pdevs[i]);
			pdevs[i] = NULL;
			rig_exit();
			return ret;
		}
	}
	return 0;
}

module_init(rig_init);
module_exit(rig_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Remote processors for tests of rprocspec");
